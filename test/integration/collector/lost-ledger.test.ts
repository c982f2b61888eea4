import { rmSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import Database from 'better-sqlite3';
import { verifyLedger, type VerifyOptions } from '@farola/collector/cli/ledger-verify.js';
import { codeOf } from '@farola/shared';
import { ROUND_MS } from '../../fakes/collector-rig.js';
import { type CollectorOnDisk, collectorOnDisk } from '../../fakes/stopped-collector.js';
import { testSigner } from '../../fakes/test-signer.js';

const ID = 'malaga-0042';

/** A collector that stored answers of one LCU, and is stopped. */
async function stored(t: ExecutionContext): Promise<CollectorOnDisk & { readonly month: string }> {
  const made = await collectorOnDisk(t);
  const { rig } = made;
  rig.enrol(ID, testSigner(2));
  rig.enrol('malaga-0043', testSigner(3));
  rig.connect(rig.simulate(ID, 2));
  await rig.time.advance(2 * ROUND_MS);
  rig.tick();
  const month = new Date(rig.time.now().wallMs).toISOString().slice(0, 7);
  await rig.close();
  return { ...made, month };
}

async function verified(config: string, options: Partial<VerifyOptions> = {}): Promise<{ code: string; lines: string[] }> {
  const lines: string[] = [];
  try {
    await verifyLedger({ config, out: (line) => lines.push(line), ...options });
    return { code: 'ok', lines };
  } catch (error) {
    return { code: codeOf(error), lines };
  }
}

test('a ledger of which the whole file is gone is incomplete, also of one LCU or month; one that never had any is empty', async (t) => {
  const { config, paths, month } = await stored(t);
  t.is((await verified(config)).code, 'ok');
  rmSync(join(paths.ledger, `${month}.db`));
  const { code, lines } = await verified(config);
  t.is(code, 'ledger-incomplete');
  t.regex(lines.join('\n'), new RegExp(`was here and is gone:\n {2}${month}.db: the whole file: .*${ID} `));
  for (const options of [{ month }, { lcu: ID }]) t.is((await verified(config, options)).code, 'ledger-incomplete');
  t.is((await verified(config, { lcu: 'malaga-0043' })).code, 'ok', 'of an LCU that never answered nothing is gone');
  t.is((await verified(config, { month: '2019-10' })).code, 'month-empty');

  const empty = await collectorOnDisk(t);
  await empty.rig.close();
  t.deepEqual(await verified(empty.config), {
    code: 'ok',
    lines: [(await verified(empty.config)).lines[0]!, 'nothing was stored yet: the ledger has no file'],
  });
});

test('newest rows that are gone with all that lists them are missed, since the state has taken them in', async (t) => {
  const { config, paths, month } = await stored(t);
  const db = new Database(join(paths.ledger, `${month}.db`));
  const newest = db.prepare<[], number>('SELECT max(key) FROM answers').pluck().get();
  for (const table of ['answers', 'ranges', 'recent', 'gaps', 'shared'])
    db.prepare(`DELETE FROM ${table} WHERE key = ?`).run(newest);
  t.true(db.prepare<[], number>('SELECT count(*) FROM answers').pluck().get()! > 0);
  db.close();
  const { code, lines } = await verified(config);
  t.is(code, 'ledger-incomplete');
  t.regex(
    lines.join('\n'),
    new RegExp(`was here and is gone:\n {2}${month}.db: the newest rows: the state knows of some of \\S+Z, and`),
  );
});

test('a lost state file is told as that, not as damage of the ledger', async (t) => {
  const { config, paths } = await stored(t);
  for (const suffix of ['', '-wal', '-shm']) rmSync(paths.state + suffix, { force: true });
  t.is((await verified(config)).code, 'fleet-lost');
});
