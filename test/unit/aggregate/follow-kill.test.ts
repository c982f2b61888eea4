import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { quarterOf } from '@farola/collector/aggregate/quarter.js';
import { openSqliteAggregateReader } from '@farola/collector/aggregate/sqlite-aggregates.js';
import { openSqliteLedger } from '@farola/collector/ledger/sqlite-ledger.js';
import { minutes, startAt } from '../../fakes/aggregate-bench.js';
import { seededRandom } from '../../fakes/seeded-random.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { testAnswer } from '../../fakes/test-answer.js';
import { TestChain } from '../../fakes/test-chain.js';

const FOLLOWER = fileURLToPath(new URL('../../fakes/ledger-follower.js', import.meta.url));
const KILLS = process.env['FAROLA_LONG'] ? 60 : 6;
const BEGIN = Date.UTC(2026, 9, 22);
const END = Date.UTC(2026, 9, process.env['FAROLA_LONG'] ? 61 : 28);

/** Longest that a follower lives after its first step, ms: it takes some seconds for the whole. */
const LIFE_MS = 64;

/** Runs the follower; kills it `afterMs` after its first step, unless it is done before. Whether it was done. */
async function follow(folder: string, path: string, afterMs: number): Promise<boolean> {
  const follower = spawn(process.execPath, [FOLLOWER, folder, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(follower, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  let output = '';
  follower.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (output === '' && afterMs < Infinity) setTimeout(() => follower.kill('SIGKILL'), afterMs);
    output += text;
  });
  const [code] = await closed;
  if (code !== null && code !== 0) throw new Error(`the follower ended with ${code}`);
  return output.endsWith('done\n');
}

test('a follower that is killed again and again comes to what one comes to that is not', async (t) => {
  t.timeout(300_000);
  const folder = temporaryFolder(t);
  const ledger = await openSqliteLedger({ folder: join(folder, 'ledger') });
  const chain = new TestChain();
  chain.add(startAt(BEGIN, chain.boot), ...minutes(BEGIN, END, 1000, 5));
  for (let from = 1; from <= chain.last; from += 5) {
    const to = Math.min(chain.last, from + 4);
    const receivedAtMs = BEGIN + to * 60_000;
    ledger.append([testAnswer(chain, from, to, { receivedAtMs, nowMonoMs: receivedAtMs - Date.UTC(2026, 0, 1) })]);
  }
  ledger.close();
  const random = seededRandom(process.env['FAROLA_SEED'] ?? String(process.pid));
  let kills = 0;
  const lifeMs = (): number => (random.bytes(1)[0] ?? 0) % LIFE_MS;
  while (kills < KILLS && !(await follow(join(folder, 'ledger'), join(folder, 'killed.db'), lifeMs()))) kills++;
  t.true(await follow(join(folder, 'ledger'), join(folder, 'killed.db'), Infinity));
  t.true(await follow(join(folder, 'ledger'), join(folder, 'whole.db'), Infinity));
  t.true(kills >= KILLS / 2, `${kills} kills before it was done`);
  const [killed, whole] = await Promise.all(
    ['killed.db', 'whole.db'].map((name) => openSqliteAggregateReader(join(folder, name))),
  );
  let samples = 0;
  for (let quarter = quarterOf(BEGIN) - 1; quarter <= quarterOf(END); quarter++) {
    const summary = killed!.quarter('plaza/main', quarter);
    t.deepEqual(summary, whole!.quarter('plaza/main', quarter));
    samples += summary?.counters[0]?.count ?? 0;
  }
  t.is(samples, chain.last - 1);
  killed!.close();
  whole!.close();
});
