import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';

const BENCH = fileURLToPath(new URL('../../../scripts/dist/bench/main.js', import.meta.url));
const LCUS = process.env['FAROLA_LONG'] === '1' ? 5000 : 100;
/** A round, s. */
const ROUND_S = 300;
const MINUTE_MS = 60_000;

/** One after the other: each is held against the clock, and has more to do than two cores. */
for (const cut of ['network', 'restart'] as const) {
  test.serial(
    `${LCUS} LCUs behind one address that lose their connections at once, by a ${cut}, are back within one round`,
    async (t) => {
      t.timeout(20 * MINUTE_MS);
      const args = ['--expose-gc', BENCH, 'storm', '--lcus', String(LCUS), '--cut', cut, '--json'];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      t.log(stdout.trim());
      const figures = JSON.parse(stdout) as Record<string, number>;
      t.like(figures, { lcus: LCUS, cut });
      for (const name of ['connectedS', 'allPolledS']) t.true((figures[name] ?? Infinity) <= ROUND_S, name);
      t.true((figures['cpuS'] ?? 0) > 0);
    },
  );
}
