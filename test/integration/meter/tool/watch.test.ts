import { watchMeter } from '@farola/agent/cli/meter-watch.js';
import { Interrupted } from '@farola/agent/cli/interrupted.js';
import test from 'ava';
import { checkJson } from '#scripts/docs/json/check-json.js';
import { ptyMeters } from '../../../fakes/pty-meter.js';

const LINE = { unit: '1', profile: 'eastron-sdm630', seconds: '1' };

test('readings follow each other until the signal, which is the usual end', async (t) => {
  const ending = new AbortController();
  const lines: string[] = [];
  await watchMeter(
    [],
    { ...LINE, port: ptyMeters(t, {}), json: true },
    (line) => {
      lines.push(line);
      if (lines.length === 2) ending.abort(new Interrupted('SIGINT'));
    },
    ending.signal,
  );
  t.is(lines.length, 2);
  checkJson('farola-agent', ['meter', 'watch'], lines.join('\n'));
  const [first, second] = lines.map((line) => Date.parse((JSON.parse(line) as { takenAt: string }).takenAt));
  t.true((second ?? 0) - (first ?? 0) >= 900);
});

test('a table names the meter and its values, and why there are none', async (t) => {
  const ending = new AbortController();
  const lines: string[] = [];
  const out = (line: string): void => {
    lines.push(line);
    if (lines.filter((one) => one.startsWith('meter (')).length === 2) ending.abort(new Interrupted('SIGINT'));
  };
  const port = ptyMeters(t, { faults: { silentAfter: 4 } });
  await watchMeter([], { ...LINE, port, timeoutMs: '60' }, out, ending.signal, true);
  t.true(lines[0]?.startsWith('\u001b[2J\u001b[H'));
  const text = lines.join('\n');
  t.regex(text, /^meter \(eastron-sdm630, unit 1 on line-1\): complete, \d+ ms$/m);
  t.regex(text, /^voltageL1 +2\d\d\.\d0 {2}V$/m);
  t.regex(text, /: timeout, \d+ ms: .*did not answer/);
});
