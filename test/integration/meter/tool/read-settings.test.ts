import { readMeter } from '@farola/agent/cli/meter-read.js';
import test from 'ava';
import { checkJson } from '#scripts/docs/json/check-json.js';
import { writeConfig } from '../../../fakes/modbus-bench.js';
import { ptyMeters } from '../../../fakes/pty-meter.js';

async function jsonOf(config: string): Promise<string[]> {
  const lines: string[] = [];
  await readMeter({ config, json: true }, (line) => lines.push(line));
  return lines;
}

test('who reads by hand is told which ratio is not the one that is configured', async (t) => {
  const port = ptyMeters(t, { profile: 'circutor-cvm-c10', facts: { ctPrimary: 250 } });
  const config = await writeConfig(
    t,
    `lines: [{ id: main, transport: rtu, path: ${port} }]
analysers: [{ id: mains, line: main, unit: 1, profile: circutor-cvm-c10, ctRatio: { primary: 100, secondary: 5 } }]`,
  );
  const text: string[] = [];
  await readMeter({ config }, (line) => text.push(line));
  t.is(text.at(-1), '  ! ctRatio of the device is 250/5, and 100/5 is configured');
  const [json = ''] = await jsonOf(config);
  checkJson('farola-agent', ['meter', 'read'], json);
  t.like(JSON.parse(json), { changedSettings: [{ setting: 'ctRatio', before: '100/5', now: '250/5', configured: true }] });
});
