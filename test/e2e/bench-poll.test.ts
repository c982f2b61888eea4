import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';

const BENCH = fileURLToPath(new URL('../../../scripts/dist/bench/main.js', import.meta.url));
const FIGURES = ['pollsPerS', 'cpuUsPerPoll', 'floorCpuUsPerPoll', 'ratio'] as const;

const run = promisify(execFile);

async function benchPoll(...options: string[]): Promise<string> {
  const args = ['--expose-gc', BENCH, 'poll', '--lcus', '5', '--seconds', '1', ...options];
  return (await run(process.execPath, args)).stdout;
}

for (const [options, tls] of [
  [['--json'], false],
  [['--json', '--plain'], false],
  [['--json', '--tls'], true],
] as const) {
  test(`the bench of polls with ${options.join(' ')} prints one JSON object, of the ${tls ? 'TLS' : 'plain'} link`, async (t) => {
    const figures = JSON.parse(await benchPoll(...options)) as Record<string, unknown>;
    t.is(figures['tls'], tls);
    for (const name of FIGURES) t.true((figures[name] as number) > 0, name);
    t.is(typeof figures['kbPerConnection'], 'number');
  });
}

test('the table of the bench of polls has a row of each link unless one is named', async (t) => {
  const [title, ...rows] = (await benchPoll()).trimEnd().split('\n');
  t.regex(title ?? '', /^ *LCUs +link +polls\/s .* memory\/connection +V8 heap, kB$/);
  t.deepEqual(
    rows.map((row) => /^ *5 +(plain|TLS) .* -?[\d.]+ kB +-?[\d.]+$/.exec(row)?.[1]),
    ['plain', 'TLS'],
  );
});
