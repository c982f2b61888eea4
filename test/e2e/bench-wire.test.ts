import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';

const BENCH = fileURLToPath(new URL('../../../scripts/dist/bench/main.js', import.meta.url));

test('the bench of the wire prints one JSON object, in which a month stays below 10 MB', async (t) => {
  const { stdout } = await promisify(execFile)(process.execPath, [BENCH, 'wire', '--polls', '12', '--json']);
  const figures = JSON.parse(stdout) as Record<string, number>;
  const { mbPerMonth = 0, bytesPerPoll = 0, bytesPerSample = 0, mbPerMonthPlain = 0 } = figures;
  t.true(mbPerMonth > 2 && mbPerMonth < 10, `${mbPerMonth}`);
  t.true(mbPerMonthPlain > mbPerMonth);
  t.is(figures['polls'], 12);
  const { pollBytes = 0, answerBytes = 0, entryBytes = 0, tlsAndWsBytes = 0 } = figures;
  t.true(Math.abs(pollBytes + answerBytes + entryBytes + tlsAndWsBytes - bytesPerPoll) < 1);
  t.true(Math.abs(bytesPerSample * 10 - bytesPerPoll) < 1);
});
