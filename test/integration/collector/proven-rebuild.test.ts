import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import Database from 'better-sqlite3';
import { codeOf } from '@farola/shared';
import { LedgerFollower } from '@farola/collector/aggregate/follow-ledger.js';
import { openSqliteAggregates } from '@farola/collector/aggregate/sqlite-aggregates.js';
import { rebuildCommand } from '@farola/collector/cli/ledger-rebuild.js';
import { openSqliteState } from '@farola/collector/fleet/sqlite-state.js';
import { openSqliteLedgerReader } from '@farola/collector/ledger/sqlite-ledger-reader.js';
import { tryProgram } from '#scripts/demo/programs.js';
import { aggregatesOf, type AggregateTables } from '../../fakes/aggregate-tables.js';
import { HarmedLedger } from '../../fakes/harmed-ledger.js';

const REBUILDER = fileURLToPath(new URL('../../fakes/ledger-rebuilder.js', import.meta.url));

async function rebuilt({ on: { config } }: HarmedLedger, json = false): Promise<{ code: string; lines: string[] }> {
  const lines: string[] = [];
  try {
    await rebuildCommand({ config, json, out: (line) => lines.push(line), note: () => undefined });
    return { code: 'ok', lines };
  } catch (error) {
    return { code: codeOf(error), lines };
  }
}

/** Follows the ledger as it lies there, but for some rows, into a file of its own. */
async function followed({ on: { paths, stateDir } }: HarmedLedger, without: readonly number[]): Promise<AggregateTables> {
  const path = join(stateDir, '..', `without-${without.length}.db`);
  const [ledger, state, store] = await Promise.all([
    openSqliteLedgerReader(paths.ledger),
    openSqliteState({ path: paths.state }),
    openSqliteAggregates(path),
  ]);
  const isThere = (key: number): boolean => !without.includes(key);
  const follower = new LedgerFollower({
    ...state,
    ledger: {
      row: (key) => (isThere(key) ? ledger.row(key) : undefined),
      rowOf: (...of) => ledger.rowOf(...of),
      ownedBy: (key) => ledger.ownedBy(key),
      judgements: (...of) => ledger.judgements(...of),
      *keysFrom(from) {
        for (const key of ledger.keysFrom(from)) if (isThere(key)) yield key;
      },
    },
    store,
    now: () => Date.UTC(2025, 1, 1),
  });
  while (follower.step());
  for (const each of [ledger, state, store]) each.close();
  return aggregatesOf(path);
}

/** What was made, but for what is left out. */
function made({ on: { paths } }: HarmedLedger): { tables: AggregateTables; leftOut: unknown[] } {
  const { left_out: leftOut = [], ...tables } = aggregatesOf(paths.aggregates);
  return { tables, leftOut };
}

test('a rebuild leaves out what was altered or deleted in the ledger, names it, and nothing else is missing', async (t) => {
  const harmed = await HarmedLedger.of(t);
  t.is((await rebuilt(harmed)).code, 'ok');
  const whole = made(harmed);
  t.deepEqual(whole.leftOut, []);
  const [mine = []] = harmed.keys;
  const [altered, deleted, forged] = [mine[5]!, mine[9]!, mine[14]!];
  const answers = harmed.keys.flat().length;
  const expected = await followed(harmed, [altered, deleted, forged]);

  harmed.alterValue(altered);
  harmed.deleteRow(deleted);
  harmed.alterSigned(forged);
  const { code, lines } = await rebuilt(harmed);
  t.is(code, 'rebuild-incomplete');
  const text = lines.join('\n');
  const row = (key: number): string => `  2025-01\\.db, malaga-0042, epoch \\w+, entries \\d+\\.\\.\\d+, row ${key}`;
  t.regex(
    text,
    new RegExp(`^does not agree, and is left out:\n${row(altered)}.* hash to the signed head\n${row(forged)}.*signature`, 'm'),
  );
  t.regex(text, new RegExp(`^was here and is gone:\n${row(deleted)}: the row of this range is gone$`, 'm'));
  t.regex(text, new RegExp(`^${answers - 1} answers of 1 file proven in \\d+\\.\\d s, 2 left out$`, 'm'));
  t.regex(text, new RegExp(`^aggregates: made anew from ${answers - 3} answers `, 'm'));
  const after = made(harmed);
  const { left_out: _, ...tables } = expected;
  t.deepEqual(after.tables, tables, 'as one who follows the unaltered ledger without these rows');
  t.notDeepEqual(after.tables['quarters'], whole.tables['quarters']);
  t.deepEqual(
    after.leftOut.map((one) => (one as { key: number | null }).key),
    [altered, forged, null],
  );

  const [proof] = (await rebuilt(harmed, true)).lines.map((line) => JSON.parse(line) as { findings: object[] });
  t.like(proof, { part: 'proof', answers: answers - 1, leftOut: 2, damaged: 2, gone: 1 });
  t.is(proof?.findings.length, 3);
  const run = await tryProgram('collector', ['ledger', 'rebuild', '--config', harmed.on.config]);
  t.is(run.exit, 74);
  t.regex(run.err, /^error: made anew without 3 places of the ledger [^\n]*\nhint: [^\n]*ledger rebuild[^\n]*\n$/);

  harmed.mend();
  t.is((await rebuilt(harmed)).code, 'ok');
  t.deepEqual(made(harmed), whole);
});

test('a collector that follows the ledger on does not take in what a rebuild left out', async (t) => {
  const harmed = await HarmedLedger.of(t);
  const newest = harmed.keys[0]!.at(-1)!;
  harmed.alterValue(newest);
  t.is((await rebuilt(harmed)).code, 'rebuild-incomplete');
  const before = made(harmed);
  const { paths } = harmed.on;
  const db = new Database(paths.aggregates);
  db.prepare('UPDATE pass SET looked_at_ms = ?').run(HarmedLedger.BEGIN_MS);
  db.close();
  const [ledger, state, store] = await Promise.all([
    openSqliteLedgerReader(paths.ledger),
    openSqliteState({ path: paths.state }),
    openSqliteAggregates(paths.aggregates),
  ]);
  const follower = new LedgerFollower({ ledger, ...state, store, now: () => Date.UTC(2025, 1, 1) });
  while (follower.step());
  for (const each of [ledger, state, store]) each.close();
  t.deepEqual(made(harmed), before);
});

test('newest rows that are gone are missed by each rebuild, until something newer is stored', async (t) => {
  const harmed = await HarmedLedger.of(t);
  const db = new Database(join(harmed.on.paths.ledger, '2025-01.db'));
  const newest = Math.min(...harmed.keys.map((keys) => keys.at(-1)!));
  for (const table of ['answers', 'ranges', 'recent']) db.prepare(`DELETE FROM ${table} WHERE key >= ?`).run(newest);
  db.close();
  for (let i = 0; i < 2; i++) {
    const { code, lines } = await rebuilt(harmed);
    t.is(code, 'rebuild-incomplete');
    t.regex(lines.join('\n'), /was here and is gone:\n {2}2025-01\.db: the newest rows: the state knows/);
  }
});

test('a rebuild that is killed leaves what was there, and the next one comes to its end', async (t) => {
  const harmed = await HarmedLedger.of(t);
  const { config, stateDir, paths } = harmed.on;
  t.is((await rebuilt(harmed)).code, 'ok');
  const before = made(harmed);
  harmed.alterValue(harmed.keys[1]![4]!);
  for (const at of ['does not agree', `${harmed.keys.flat().length} answers`, 'state', 'step']) {
    const child = spawn(process.execPath, [REBUILDER, config, at, stateDir], { stdio: ['ignore', 'pipe', 'ignore'] });
    const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
    child.stdout.once('data', () => child.kill('SIGKILL'));
    const [, signal] = await ended;
    t.is(signal, 'SIGKILL', at);
    t.deepEqual(made(harmed), before, at);
  }
  t.true(existsSync(`${paths.aggregates}.anew`), 'what it was at lies beside');
  t.is((await rebuilt(harmed)).code, 'rebuild-incomplete');
  t.false(existsSync(`${paths.aggregates}.anew`));
  t.is(made(harmed).leftOut.length, 1);
});
