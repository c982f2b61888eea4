import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import Database from 'better-sqlite3';
import { GAP_REASON, toHex } from '@farola/shared';
import { LCU } from '#scripts/demo/set-up.js';
import { leavesOf, overwritePage } from '../fakes/damaged-page.js';
import { openTestJournal, sampleEntry } from '../fakes/test-journal.js';
import { counts, openStage, type Stage, until } from './stage.js';
import { backlogOf, journalOf, ledgerOf } from './stored.js';

const COUNT = 3_000;

/** Entries that the collector knows to be gone, by their reason. */
function gapsOf({ folder }: Stage): { epoch: string; from: number; to: number; reason: number }[] {
  const ledger = join(folder, 'collector', 'ledger');
  const file = readdirSync(ledger).find((name) => name.endsWith('.db')) ?? '';
  const db = new Database(join(ledger, file), { readonly: true });
  const rows = db.prepare('SELECT epoch, from_n, to_n, reason FROM gaps JOIN epochs USING (epoch_no)').all();
  db.close();
  return (rows as { epoch: Uint8Array; from_n: number; to_n: number; reason: number }[]).map((row) => ({
    epoch: toHex(row.epoch),
    from: row.from_n,
    to: row.to_n,
    reason: row.reason,
  }));
}

test('an agent whose journal has a damaged page runs on, and the collector gets all that could be read and a gap for the rest', async (t) => {
  t.timeout(180_000);
  const stage = await openStage(t);
  const collector = await stage.startCollector();
  await stage.enrol();
  const folder = join(stage.folder, 'agent');
  const journal = await openTestJournal(folder, { lcuId: LCU });
  for (let i = 0; i < COUNT; i++) journal.append(sampleEntry(i, 40));
  const epoch = toHex(journal.epoch);
  journal.close();
  const before = journalOf(stage);
  const path = join(folder, 'journal.sqlite');
  const leaves = leavesOf(path, 'entry');
  for (const at of [0.3, 0.7]) overwritePage(path, leaves[Math.floor(leaves.length * at)]!);

  const agent = stage.startAgent();
  await until(async () => (await stage.log('agent').catch(() => '')).includes('journal set aside'), 'the damage is met');
  await until(() => backlogOf(stage).then((backlog) => backlog === 0), 'all is collected');
  const { rounds } = await counts(stage);
  await until(async () => (await counts(stage)).rounds >= rounds + 3, 'three rounds more');
  t.is(agent.ended(), undefined, 'it was never restarted');
  t.is(await agent.stop(), 0);
  t.is(await collector.stop(), 0);

  const stored = await ledgerOf(stage);
  const gaps = gapsOf(stage);
  t.is(gaps.length, 2);
  t.true(gaps.every((gap) => gap.epoch === epoch && gap.reason === GAP_REASON.damaged));
  for (const { n, bytes } of before) {
    const inGap = gaps.some(({ from, to }) => from <= n && n <= to);
    t.true(inGap ? !stored.has(`${epoch}/${n}`) : stored.get(`${epoch}/${n}`) === bytes, `entry ${n}`);
  }
  const lost = gaps.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  t.true(lost < COUNT / 20, `${lost} of ${COUNT}`);
  t.true(
    [...stored.keys()].some((id) => !id.startsWith(epoch)),
    'and what was measured since',
  );
  t.log(`${lost} of ${COUNT} entries lay on two pages; ${stored.size} stored`);
});
