import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';

const BENCH = fileURLToPath(new URL('../../../scripts/dist/bench/main.js', import.meta.url));

const BENCHES = [
  {
    args: ['ledger', '--samples', '20000'],
    figures: [
      'samples',
      'rowsPerS',
      'floorRowsPerS',
      'ratio',
      'cpuRatio',
      'bytesPerSample',
      'proofBytesPerSample',
      'latestMs',
      'latestLookupMs',
      'dayMs',
      'monthMs',
    ],
  },
  { args: ['verify', '--rows', '300'], figures: ['rows', 'rowsPerS', 'samplesPerS', 'floorRowsPerS', 'ratio'] },
] as const;

for (const { args, figures } of BENCHES) {
  test(`the bench \`${args[0]}\` prints its figures as one JSON object`, async (t) => {
    const { stdout } = await promisify(execFile)(process.execPath, [BENCH, ...args, '--json']);
    const found = JSON.parse(stdout) as Record<string, unknown>;
    t.deepEqual(Object.keys(found), [...figures]);
    for (const name of figures) t.true((found[name] as number) > 0, name);
  });

  test(`the bench \`${args[0]}\` refuses what is no number`, (t) => {
    const { status, stderr } = spawnSync(process.execPath, [BENCH, args[0], args[1], 'many'], { encoding: 'utf8' });
    t.is(status, 64);
    t.regex(stderr, /^error: [^\n]+\n(hint: [^\n]+\n)?$/);
  });
}
