import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { farolaAgent } from '../../../fakes/agent-process.js';
import { temporaryFolder } from '../../../fakes/modbus-bench.js';
import { ptyMeters, shippedProfile } from '../../../fakes/pty-meter.js';

interface Told {
  readonly moved: { registerOffset: number; order: string | null; fittingCount: number } | null;
  readonly findings: { quantity: string; response: string; agrees: boolean }[];
  readonly profileYaml: string | null;
}

/** What the simulated meter shows, by a reading of its own. */
async function display(port: string, profile: string): Promise<Map<string, string>> {
  const { out } = await farolaAgent(['meter', 'read', '--port', port, '--unit', '1', '--profile', profile, '--json']);
  const { values } = JSON.parse(out) as { values: { quantity: string; value: string }[] };
  return new Map(values.map(({ quantity, value }) => [quantity, value]));
}

test('a profile with an offset and another word order is put right at a simulated meter, and then reads it', async (t) => {
  const port = ptyMeters(t, { profile: 'eastron-sdm630' });
  const shown = await display(port, 'eastron-sdm630');
  const folder = await temporaryFolder(t);
  const text = await readFile(new URL('../../../../../agent/profiles/eastron-sdm630.yaml', import.meta.url), 'utf8');
  const broken = text
    .replace(/^id: .*$/m, 'id: broken')
    .replace(/^rows:[\s\S]*$/m, '')
    .replace(/^wordOrder: .*$/m, 'wordOrder: lowFirst')
    .replace(/^identity:\n(?: .*\n)+/m, '');
  const rows = shippedProfile('eastron-sdm630').rows.slice(0, 12);
  const rowText = rows.map((row) =>
    'composite' in row
      ? ''
      : `  - { quantity: ${row.quantity}, addr: ${row.addr + 1}, type: ${row.type}, scale: ${row.scale} }\n`,
  );
  await writeFile(join(folder, 'broken.yaml'), `${broken}rows:\n${rowText.join('')}`);
  const expect = ['voltageL1', 'voltageL2', 'currentL1'].flatMap((quantity) => [
    '--expect',
    `${quantity}=${shown.get(quantity)}`,
  ]);
  const line = ['--port', port, '--unit', '1'];
  const asked = ['meter', 'doctor', ...line, '--profile', join(folder, 'broken.yaml'), ...expect];
  const { code, out, err } = await farolaAgent([...asked, '--json']);
  t.is(code, 0, err);
  const told = JSON.parse(out) as Told;
  t.deepEqual(told.moved, { registerOffset: -1, order: 'ABCD', fittingCount: 3 });
  const path = join(folder, 'broken-checked.yaml');
  await writeFile(path, told.profileYaml ?? '');
  const checked = await farolaAgent(['profile', 'check', path]);
  t.is(checked.code, 0, checked.err);
  const again = await display(port, path);
  for (const { quantity } of rows) t.is(again.get(quantity), shown.get(quantity), quantity);
  const page = await farolaAgent(asked);
  t.regex(page.out, /1 register before, order ABCD: 3 of 3 quantities fit/);
});

test('a right profile is told so, and nothing is proposed', async (t) => {
  const port = ptyMeters(t, { profile: 'eastron-sdm630' });
  const shown = await display(port, 'eastron-sdm630');
  const expect = ['--expect', `voltageL1=${shown.get('voltageL1')}`, '--expect', `frequency=${shown.get('frequency')}`];
  const { code, out, err } = await farolaAgent([
    'meter',
    'doctor',
    '--port',
    port,
    '--unit',
    '1',
    '--profile',
    'eastron-sdm630',
    ...expect,
    '--json',
  ]);
  t.is(code, 0, err);
  const told = JSON.parse(out) as Told;
  t.true(told.findings.every(({ agrees, response }) => agrees && response === 'read'));
  t.is(told.profileYaml, null);
});

test('registers are searched without a profile', async (t) => {
  const port = ptyMeters(t, { profile: 'eastron-sdm630' });
  const shown = await display(port, 'eastron-sdm630');
  const expect = ['voltageL1', 'currentL2', 'activePowerL3'].flatMap((quantity) => [
    '--expect',
    `${quantity}=${shown.get(quantity)}`,
  ]);
  const asked = [
    'meter',
    'doctor',
    '--port',
    port,
    '--unit',
    '1',
    '--register',
    '0',
    '--count',
    '40',
    '--function',
    '4',
    ...expect,
  ];
  const { code, out, err } = await farolaAgent(asked);
  t.is(code, 0, err);
  t.regex(out, /voltageL1 .*:\n {2}0x0000 float32 ABCD \* 1 = /);
  t.regex(out, /"quantity":"currentL2","addr": 0x0008,"type":"float32","scale":1/);
});

test('a meter that is silent is told as no answer, and fails', async (t) => {
  const port = ptyMeters(t, { faults: { silentAfter: 0 } });
  const line = ['--port', port, '--unit', '1', '--timeout-ms', '60', '--profile', 'eastron-sdm630'];
  const { code, out, err } = await farolaAgent(['meter', 'doctor', ...line, '--expect', 'voltageL1=230']);
  t.is(code, 69, err);
  t.regex(out, /voltageL1 .*no answer/);
  t.is((await farolaAgent(['meter', 'doctor', ...line])).code, 64);
});
