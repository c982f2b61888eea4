import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { whyNoLibmodbus } from '#scripts/libmodbus/compile-c.js';
import plain from 'ava';
import { testUnless } from '../fakes/test-unless.js';

const BENCH = fileURLToPath(new URL('../../../scripts/dist/bench/main.js', import.meta.url));

const test = testUnless(await whyNoLibmodbus());

test('the bench of the meters prints its figures as one JSON object', async (t) => {
  const few = ['--baud', '19200', '--latency', '1', '--passes', '1', '--reads', '3', '--seconds', '1'];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [BENCH, 'meters', ...few, '--json']);
  const { cases, tcp } = JSON.parse(stdout) as { cases: Record<string, unknown>[]; tcp: Record<string, unknown> };
  t.is(stderr, 'bench: 19200 baud, 1 ms ...\nbench: Modbus TCP ...\n');
  t.deepEqual(
    cases.map(({ baud, latencyMs }) => [baud, latencyMs]),
    [[19_200, 1]],
  );
  for (const one of cases) {
    for (const name of ['passS', 'shareOfLimit', 'oneByOneS', 'adjacentS', 'cpuMsPerRead', 'libmodbusCpuMsPerRead'])
      t.true((one[name] as number) > 0, name);
    t.true((one['shareOfLimit'] as number) <= 1, 'nothing is faster than its line');
    t.true((one['oneByOneS'] as number) > (one['passS'] as number));
    t.like(one, { profileGap: { gapMs: 100 }, gaps: { shorter: 0, askedForMs: 1.823 } });
  }
  for (const name of ['requestsPerS', 'modbusSerialPerS', 'libmodbusPerS']) t.true((tcp[name] as number) > 0, name);
});

plain('the bench of the meters says what it does not understand', (t) => {
  for (const args of [
    ['--baud', '9600;19200'],
    ['--latency', ''],
    ['--passes', '0'],
    ['--laps', '3'],
  ]) {
    const { status, stderr } = spawnSync(process.execPath, [BENCH, 'meters', ...args], { encoding: 'utf8' });
    t.is(status, 64);
    t.regex(stderr, /^error: [^\n]+\n(hint: [^\n]+\n)?$/);
  }
});
