import { rmSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import test from 'ava';
import { NO_SEAL } from '@farola/collector/proof/month-seal.js';
import { openSqliteProofBook } from '@farola/collector/proof/sqlite-proof-book.js';
import { toHex } from '@farola/shared';
import { runProgram, tryProgram } from '#scripts/demo/programs.js';
import { LCU } from '#scripts/demo/set-up.js';
import { counts, openStage, type Stage, until } from './stage.js';

const MONTH = new Date().toISOString().slice(0, 7);

/** What changes while nothing does. */
const AGING: ReadonlySet<string> = new Set(['proof', 'ageSeconds', 'stale']);

test('an operator proves the ledger while it is written, is shown the row that was harmed, and makes the derived tables anew', async (t) => {
  const stage = await openStage(t);
  const config = ['--config', stage.paths.collectorConfig];
  const collector = await stage.startCollector();
  await stage.enrol();
  const agent = stage.startAgent();
  await until(async () => (await counts(stage)).rounds >= 4, 'four rounds');

  const sound = await runProgram('collector', ['ledger', 'verify', ...config]);
  t.regex(sound, /\d+ answers with \d+ entries of 1 file proven in [\d.]+ s\nall of it agrees/);
  const report = JSON.parse(await runProgram('collector', ['ledger', 'verify', '--lcu', LCU, '--json', ...config])) as Record<
    string,
    unknown
  >;
  t.like(report, { damaged: 0, gone: 0, awayMonths: [], findings: [] });
  t.true((report['answers'] as number) >= 4 && (report['entries'] as number) > 0);

  const running = await tryProgram('collector', ['ledger', 'rebuild', ...config]);
  t.is(running.exit, 69);
  t.regex(running.err, /^error: another farola-collector holds [^\n]+\nhint: stop the other one first\n$/);
  for (const args of [
    ['--lcu', 'nobody'],
    ['--month', '2026-13'],
    ['--month', MONTH, '--from', '-1h'],
    ['--from', 'yesterday'],
  ]) {
    const { exit, err } = await tryProgram('collector', ['ledger', 'verify', ...args, ...config]);
    t.true(exit !== 0 && /^error: [^\n]+(\nhint: [^\n]+)?\n$/.test(err), err);
  }

  t.is(await agent.stop(), 0);
  t.is(await collector.stop(), 0);
  const identities = async (): Promise<unknown[]> => {
    const lines = (await runProgram('collector', ['readings', LCU, '--json', ...config])).trim().split('\n');
    return lines.map((line) => JSON.parse(line, (key, value: unknown) => (AGING.has(key) ? null : value)) as unknown);
  };
  const shown = await identities();
  t.regex(
    await runProgram('collector', ['ledger', 'rebuild', ...config]),
    /^\d+ answers of 1 file proven in [\d.]+ s, 0 left out\n(?:(?:state|aggregates): made anew from \d+ answers in [\d.]+ s\n){2}$/,
  );
  t.deepEqual(await identities(), shown);

  changeProgress(stage, ({ lastDueMs }) => ({ lastDueMs: lastDueMs - 86_400_000 }));
  const second = await stage.startCollector();
  await until(async () => (await stage.log('collector')).includes('nightly proof of the ledger is done'), 'a night');
  t.is(await second.stop(), 0);
  t.regex(await stage.log('collector'), /"damaged":0,"gone":0,"owed":0,"provenUpTo":\d+/);
  t.notRegex(await runProgram('collector', ['events', ...config]), /ledger-/);

  const proof = join(stage.folder, 'x.farola-proof');
  const exported = ['ledger', 'export', '--proof', LCU, '--from', '-1h', '--output', proof, ...config];
  t.notRegex(await runProgram('collector', exported), /not looked at/);
  await sealAway(stage, '2026-01');
  rmSync(proof);
  t.regex(await runProgram('collector', exported), /\nnot looked at for what contradicts it: 2026-01, whose file is not here\n$/);

  const db = new Sqlite(join(stage.folder, 'collector', 'ledger', `${MONTH}.db`));
  const harmed = db
    .prepare('SELECT key, epoch, entries FROM answers JOIN epochs USING (epoch_no) WHERE length(entries) > 100 LIMIT 1')
    .get() as {
    key: number;
    epoch: Uint8Array;
    entries: Uint8Array;
  };
  harmed.entries[60] = (harmed.entries[60] ?? 0) ^ 1;
  db.prepare('UPDATE answers SET entries = ? WHERE key = ?').run(harmed.entries, harmed.key);
  db.close();
  const { exit, err, out } = await tryProgram('collector', ['ledger', 'verify', ...config]);
  t.is(exit, 74);
  const place = `${MONTH}\\.db, ${LCU}, epoch ${toHex(harmed.epoch)}, entries \\d+\\.\\.\\d+, row ${harmed.key}, received [^:]+:[^,]+: `;
  t.regex(
    err,
    new RegExp(
      `^error: the ledger does not agree with what was signed in \\d+ places?; the first: ${place}[^\\n]+\\nhint: [^\\n]+\\n$`,
    ),
  );
  t.regex(out, new RegExp(`^does not agree:\\n {2}${place}`));
});

test('a night that finds the newest rows gone says so in the log and among the events', async (t) => {
  const stage = await openStage(t);
  const first = await stage.startCollector();
  t.is(await first.stop(), 0);
  changeProgress(stage, ({ lastDueMs }) => ({ lastDueMs: lastDueMs - 86_400_000, provenUpTo: 2 ** 52 }));
  const second = await stage.startCollector();
  await until(async () => (await stage.log('collector')).includes('nightly proof of the ledger found damage'), 'a night');
  t.is(await second.stop(), 0);
  t.regex(await stage.log('collector'), /"code":"ledger-incomplete"/);
  const events = await runProgram('collector', ['events', '--config', stage.paths.collectorConfig]);
  t.regex(events, /ledger-incomplete +at once +ledger: the newest rows: they were proven up to key 4503599627370496/);
});

interface Progress {
  readonly lastDueMs: number;
  readonly provenUpTo: number;
}

/** Changes what the nightly proof of a collector that is stopped has put down. */
function changeProgress({ folder }: Stage, change: (progress: Progress) => Partial<Progress>): void {
  const book = new Sqlite(join(folder, 'collector', 'proof.db'));
  const progress = JSON.parse(book.prepare('SELECT told FROM progress').pluck().get() as string) as Progress;
  book.prepare('UPDATE progress SET told = ?').run(JSON.stringify({ ...progress, ...change(progress) }));
  book.close();
}

/** Puts down the seal of a month of which there is no file. */
async function sealAway({ folder }: Stage, month: string): Promise<void> {
  const book = await openSqliteProofBook(join(folder, 'collector', 'proof.db'));
  const seal = {
    month,
    rows: 1,
    firstKey: 1,
    lastKey: 1,
    digest: NO_SEAL,
    judgements: 0,
    judgementDigest: NO_SEAL,
    previous: NO_SEAL,
  };
  book.save(book.progress(), [], seal);
  book.close();
}
