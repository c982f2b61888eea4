import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { toHex } from '@farola/shared';
import { openSqliteLedger } from '@farola/collector/ledger/sqlite-ledger.js';
import { seededRandom } from '../../fakes/seeded-random.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { TestChain } from '../../fakes/test-chain.js';

const KILLS = process.env['FAROLA_LONG'] ? 60 : 5;
const WRITER = fileURLToPath(new URL('../../fakes/ledger-writer.js', import.meta.url));

interface Acknowledged {
  readonly lcuNo: number;
  readonly to: number;
  readonly key: number;
}

/** Runs the writer and kills it `afterMs` after its first line; gives what it had acknowledged. */
async function writeAndKill(folder: string, afterMs: number): Promise<Acknowledged[]> {
  const writer = spawn(process.execPath, [WRITER, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(writer, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  let output = '';
  writer.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (output === '') setTimeout(() => writer.kill('SIGKILL'), afterMs);
    output += text;
  });
  const [code, signal] = await closed;
  if (signal !== 'SIGKILL') throw new Error(`the writer ended by itself with ${code ?? '?'}`);
  const whole = output.split('\n').slice(0, -1);
  return whole.map((line) => {
    const [lcuNo = 0, , to = 0, key = 0] = line.split(' ').map(Number);
    return { lcuNo, to, key };
  });
}

test(`D36: nothing acknowledged is lost when the writer is killed, ${KILLS} times`, async (t) => {
  t.timeout(600_000);
  const folder = temporaryFolder(t);
  const seed = process.env['FAROLA_SEED'] ?? String(process.pid);
  t.log(`seed ${seed}: FAROLA_SEED=${seed} repeats the delays`);
  const random = seededRandom(seed);
  const chain = new TestChain().grow(20_000);
  const acknowledged: Acknowledged[] = [];
  for (let kill = 0; kill < KILLS; kill++) acknowledged.push(...(await writeAndKill(folder, random.bytes(1)[0] ?? 0)));
  t.true(acknowledged.length > 0);

  const ledger = await openSqliteLedger({ folder });
  t.teardown(() => ledger.close());
  const keys = new Set([...ledger.rowsFrom(0)].map(({ key }) => key));
  for (const { key } of acknowledged) t.true(keys.has(key), `key ${key} was acknowledged`);
  for (let lcuNo = 0; lcuNo < 10; lcuNo++) {
    const { mark, islandCount } = ledger.holding(lcuNo, chain.epoch);
    const last = Math.max(0, ...acknowledged.filter((one) => one.lcuNo === lcuNo).map(({ to }) => to));
    t.true(mark.n >= last);
    t.is(islandCount, 0);
    t.is(toHex(mark.head!), toHex(chain.head(mark.n)));
  }
  t.log(`${acknowledged.length} acknowledged, ${keys.size} stored`);
});
