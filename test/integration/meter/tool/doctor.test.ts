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
  t.is(code, 1, err);
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

test('registers that one function does not have are searched by the other, and it is told what each gave', async (t) => {
  const profile = shippedProfile('eastron-sdm630');
  const port = ptyMeters(t, { profile });
  const shown = await display(port, 'eastron-sdm630');
  const expect = ['voltageL1', 'currentL2'].flatMap((quantity) => ['--expect', `${quantity}=${shown.get(quantity)}`]);
  const asked = ['meter', 'doctor', ...AT(port), '--register', '0', '--count', '40', ...expect];
  const { code, out, err } = await farolaAgent(asked);
  t.is(code, 0, err);
  t.regex(out, /^function 4: 40 registers from 0x0000 read: 2 of 2 quantities found$/m);
  t.regex(out, /^function 3: all 40 registers from 0x0000 are refused by exception \d+$/m);
  t.regex(out, /^functionCode: 4$/m);
  const json = JSON.parse((await farolaAgent([...asked, '--json'])).out) as object;
  t.like(json, {
    functionCode: 4,
    searched: [
      { functionCode: 4, response: 'read', readCount: 40, refusedCount: 0, foundCount: 2 },
      { functionCode: 3, response: 'refused', readCount: 0, refusedCount: 40, foundCount: 0 },
    ],
  });
});

test('a meter that is silent is told as no answer, and fails', async (t) => {
  const port = ptyMeters(t, { faults: { silentAfter: 0 } });
  const line = ['--port', port, '--unit', '1', '--timeout-ms', '60', '--profile', 'eastron-sdm630'];
  const { code, out, err } = await farolaAgent(['meter', 'doctor', ...line, '--expect', 'voltageL1=230']);
  t.is(code, 69, err);
  t.regex(out, /voltageL1 .*no answer/);
  t.is((await farolaAgent(['meter', 'doctor', ...line])).code, 64);
});

const AT = (port: string): string[] => ['--port', port, '--unit', '1', '--timeout-ms', '1000'];

test('a map that is read by the wrong function is told so, and the proposal reads the meter', async (t) => {
  const port = ptyMeters(t, { profile: 'eastron-sdm630' });
  const shown = await display(port, 'eastron-sdm630');
  const folder = await temporaryFolder(t);
  const text = await readFile(new URL('../../../../../agent/profiles/eastron-sdm630.yaml', import.meta.url), 'utf8');
  const path = join(folder, 'broken.yaml');
  await writeFile(path, text.replace(/^id: .*$/m, 'id: broken').replace(/^functionCode: 4/m, 'functionCode: 3'));
  const expect = ['voltageL1', 'currentL2'].flatMap((quantity) => ['--expect', `${quantity}=${shown.get(quantity)}`]);
  const { code, out, err } = await farolaAgent(['meter', 'doctor', ...AT(port), '--profile', path, ...expect]);
  t.is(code, 1, err);
  t.regex(out, /function 4 in place of 3, addresses and order as they are: 2 of 2 quantities fit/);
  t.regex(
    err,
    /^error: broken does not say what the display of unit 1 shows: 2 of 2 values are otherwise\nhint: the profile above/,
  );
  t.regex(out, /^functionCode: 4$/m);
});

test('a meter that refuses everything is told as that, with a profile and without', async (t) => {
  const port = ptyMeters(t, { faults: { exception: 2 } });
  const examined = await farolaAgent([
    'meter',
    'doctor',
    ...AT(port),
    '--profile',
    'eastron-sdm630',
    '--expect',
    'voltageL1=230',
  ]);
  t.is(examined.code, 69, examined.err);
  t.regex(examined.out, /voltageL1 .*refused/);
  t.regex(examined.out, /the meter answers, and refuses all that was asked by functions 3 and 4/);
  t.regex(examined.err, /^error: analyser unit 1 \(unit 1\) answered exception 2\nhint: /);
  const searched = await farolaAgent([
    'meter',
    'doctor',
    ...AT(port),
    '--register',
    '0',
    '--count',
    '4',
    '--expect',
    'voltageL1=230',
  ]);
  t.is(searched.code, 69, searched.err);
  t.is(
    searched.out,
    'function 3: all 4 registers from 0x0000 are refused by exception 2\nfunction 4: all 4 registers from 0x0000 are refused by exception 2\n',
  );
  t.false(searched.out.includes('found nowhere'));
});

for (const exception of [10, 11]) {
  test(`a gateway that answers all by exception ${exception} is told as a gateway`, async (t) => {
    const port = ptyMeters(t, { faults: { exception } });
    const asked = ['meter', 'doctor', ...AT(port), '--expect', 'voltageL1=230'];
    const { code, out, err } = await farolaAgent([...asked, '--profile', 'eastron-sdm630']);
    t.is(code, 69, err);
    t.regex(out, /voltageL1 .*unreachable/);
    t.regex(out, /a gateway answers, and says that nobody answers it behind/);
    t.regex(err, new RegExp(`^error: a gateway has no answer of analyser unit 1 .*exception ${exception}\\nhint: `));
    const searched = await farolaAgent([...asked, '--register', '0']);
    t.is(searched.code, 69);
    t.regex(searched.err, /^error: a gateway has no answer/);
  });
}

test('of a meter of another model it is told what it says that it is', async (t) => {
  const port = ptyMeters(t, { profile: 'abb-b23-b24' });
  const asked = [
    'meter',
    'doctor',
    ...AT(port),
    '--profile',
    'carlo-gavazzi-em300',
    '--expect',
    'voltageL1=12345',
    '--expect',
    'frequency=3',
  ];
  const { code, out, err } = await farolaAgent(asked);
  t.true(code === 1 || code === 69, err);
  t.regex(out, /it says that it is ABB .*\(abb-b23-b24\)/);
});

test('a quantity that the profile does not have is told as that, and nobody is asked', async (t) => {
  const port = ptyMeters(t, { profile: 'eastron-sdm630', faults: { silentAfter: 0 } });
  const asked = ['meter', 'doctor', ...AT(port), '--profile', 'eastron-sdm630', '--expect', 'temperature=30'];
  const { code, out, err } = await farolaAgent(asked);
  t.is(code, 1, err);
  t.regex(out, /temperature .*not polled/);
  t.regex(out, /eastron-sdm630 has no row of temperature: that was not asked/);
  t.regex(err, /^error: eastron-sdm630 does not say what the display of unit 1 shows: 1 of 1 values are otherwise/);
});

test('what is nowhere in the registers that are searched is a finding', async (t) => {
  const port = ptyMeters(t, { profile: 'eastron-sdm630' });
  const asked = [
    'meter',
    'doctor',
    ...AT(port),
    '--register',
    '0',
    '--count',
    '4',
    '--function',
    '4',
    '--expect',
    'currentL1=777777',
  ];
  const { code, out, err } = await farolaAgent(asked);
  t.is(code, 1, err);
  t.regex(out, /^currentL1 777777: found nowhere$/m);
  t.regex(err, /^error: what the display of unit 1 shows is nowhere in these registers: currentL1\nhint: /);
});
