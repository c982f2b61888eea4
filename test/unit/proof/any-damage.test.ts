import { copyFileSync, readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import test, { type ExecutionContext } from 'ava';
import type { Ack } from '@farola/shared';
import { branchId } from '@farola/collector/branch-id.js';
import { openSqliteLedger } from '@farola/collector/ledger/sqlite-ledger.js';
import { openSqliteLedgerMonths } from '@farola/collector/ledger/sqlite-ledger-month.js';
import type { KnownOfLedger } from '@farola/collector/proof/audit-seals.js';
import { judgementDigest, type MonthSeal, NO_SEAL, RowDigest } from '@farola/collector/proof/month-seal.js';
import { AuditScene } from '../../fakes/audit-scene.js';
import { overwritePage } from '../../fakes/damaged-page.js';
import { testAnswer, testGap } from '../../fakes/test-answer.js';
import { TestChain } from '../../fakes/test-chain.js';

const NOVEMBER = Date.UTC(2026, 10, 30, 12);
const DECEMBER = Date.UTC(2026, 11, 1, 12);
const SLOT_MS = 300_000;

/** Nobody signs these: a seal tells them when the month is closed. A told head alone stands in the signed answer as well. */
const UNSIGNED = /^2026-12 (answers\.received_at_ms|judgements)|told_heads(\.epoch_no| deleted) .*"n":25/;

interface Scene {
  readonly scene: AuditScene;
  readonly known: KnownOfLedger;
}

/** A sealed month and the present one: backlog, gaps, a fork, judgements, and ranges that are and are not in order yet. */
async function everyTable(t: ExecutionContext): Promise<Scene> {
  const scene = new AuditScene(t);
  const chain = new TestChain().grow(60);
  const fork = chain.forkAt(13);
  const id = branchId(chain.epoch, 1);
  const shares = [{ id, source: chain.epoch, ...chain.held(1, 12) }];
  const acks: Ack[] = [[chain.epoch, 40, chain.head(40)]];
  const told = [{ epoch: chain.epoch, n: 25, head: chain.head(25) }];
  const forked = { lcuNo: 1, receivedAtMs: NOVEMBER + SLOT_MS };
  await scene.append(
    testAnswer(chain, 1, 10, { receivedAtMs: NOVEMBER }),
    testAnswer(chain, 31, 40, { receivedAtMs: NOVEMBER + SLOT_MS, gaps: [testGap(chain, 11, 20)] }),
    testAnswer(chain, 1, 20, forked),
    testAnswer(fork, 13, 16, { ...forked, id, shares }),
    testAnswer(chain, 21, 30, { receivedAtMs: NOVEMBER + 2 * SLOT_MS, told }),
    testAnswer(fork, 17, 18, { ...forked, receivedAtMs: DECEMBER, id }),
    testAnswer(chain, 41, 50, { receivedAtMs: DECEMBER, acks }),
    testAnswer(chain, 51, 55, { receivedAtMs: DECEMBER + SLOT_MS, acks }),
    testAnswer(chain, 58, 60, { receivedAtMs: DECEMBER + 2 * SLOT_MS, acks, gaps: [testGap(chain, 56, 57)] }),
  );
  const ledger = await openSqliteLedger({ folder: scene.folder });
  const judged = { lcuNo: 0, judgedAtMs: DECEMBER, facts: { reason: 'words' }, kept: null };
  ledger.judge({ ...judged, code: 'quarantined', key: scene.keys.at(-1)! });
  ledger.judge({ ...judged, code: 'released', key: null });
  ledger.close();
  for (const month of ['2026-11', '2026-12']) disorder(scene.path(month));
  const known = { seals: [await sealOf(scene, '2026-11')], awayBefore: undefined, provenUpTo: Math.max(...scene.keys) };
  return { scene, known };
}

/** Puts short ranges back to where they came, as in a file that is written. */
function disorder(path: string): void {
  const db = new Database(path);
  db.exec('INSERT INTO recent SELECT key, epoch_no, from_n, to_n FROM ranges WHERE to_n - from_n < 9');
  db.exec('DELETE FROM ranges WHERE to_n - from_n < 9');
  db.close();
}

async function sealOf(scene: AuditScene, name: string): Promise<MonthSeal> {
  const months = await openSqliteLedgerMonths(scene.folder);
  const month = months.open(name);
  const { first, last } = month.keySpan()!;
  const rows = new RowDigest();
  for (const row of month.rows(0, last, 1000)) rows.add(row);
  const judged = judgementDigest(month);
  months.close();
  const of = { rows: rows.rows, firstKey: first, lastKey: last, digest: rows.digest };
  return { month: name, ...of, judgements: judged.count, judgementDigest: judged.digest, previous: NO_SEAL };
}

interface Harm {
  readonly what: string;
  readonly sql: string;
  readonly parameters: Record<string, unknown>;
}

interface Column {
  readonly name: string;
  readonly pk: number;
}

/** Every column of every row changed by one bit or one, and every row taken out. */
function harmsOf(month: string, path: string): Harm[] {
  const db = new Database(path, { readonly: true });
  try {
    const tables = db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all();
    return tables.flatMap((table) => {
      const columns = db.pragma(`table_info(${table})`) as Column[];
      return db
        .prepare<[], Record<string, unknown>>(`SELECT * FROM ${table}`)
        .all()
        .flatMap((row) => harmsOfRow(`${month} ${table}`, table, columns, row));
    });
  } finally {
    db.close();
  }
}

function harmsOfRow(where: string, table: string, columns: readonly Column[], row: Record<string, unknown>): Harm[] {
  const keys = columns.filter(({ pk }) => pk > 0).map(({ name }) => name);
  const at = Object.fromEntries(keys.map((name) => [name, row[name]]));
  const condition = keys.map((name) => `${name} = :${name}`).join(' AND ');
  const changes = columns.flatMap(({ name }): Harm[] => {
    const changed = otherThan(row[name]);
    if (changed === undefined) return [];
    const sql = `UPDATE OR REPLACE ${table} SET ${name} = :changed WHERE ${condition}`;
    return [{ what: `${where}.${name} ${JSON.stringify(at)}`, sql, parameters: { ...at, changed } }];
  });
  return [
    ...changes,
    { what: `${where} deleted ${JSON.stringify(at)}`, sql: `DELETE FROM ${table} WHERE ${condition}`, parameters: at },
  ];
}

function otherThan(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'string') return `${value}x`;
  if (!Buffer.isBuffer(value) || value.length === 0) return undefined;
  const copy = Buffer.from(value);
  copy[Math.floor(copy.length / 2)]! ^= 1;
  return copy;
}

function copyOf(t: ExecutionContext, { folder }: AuditScene): AuditScene {
  const copy = new AuditScene(t);
  for (const name of readdirSync(folder)) copyFileSync(join(folder, name), join(copy.folder, name));
  return copy;
}

test('one bit or one number that is another, or a row that is gone, is told in whichever table it is', async (t) => {
  t.timeout(300_000);
  const { scene, known } = await everyTable(t);
  t.deepEqual((await scene.audit({}, known)).findings.counts, { damaged: 0, gone: 0, owed: 0 });
  const harms = ['2026-11', '2026-12'].flatMap((month) => harmsOf(month, scene.path(month)).map((harm) => ({ month, ...harm })));
  const tables = new Set(harms.map(({ what }) => /^\S+ (\w+)/.exec(what)?.[1]));
  t.deepEqual(
    [...tables].sort(),
    ['answers', 'carried', 'epochs', 'gaps', 'judgements', 'ranges', 'recent', 'shared', 'told_heads'],
    'every table of a file has rows here',
  );
  const untold: string[] = [];
  for (const { month, what, sql, parameters } of harms) {
    const copy = copyOf(t, scene);
    copy.harm(month, sql, parameters);
    const { counts } = (await copy.audit({}, known)).findings;
    if (counts.damaged + counts.gone === 0) untold.push(what);
  }
  t.log(`${harms.length} harms, not told: ${untold.length}`);
  t.deepEqual(
    untold.filter((what) => !UNSIGNED.test(what)),
    [],
  );
});

test('a file that is cut short at any page, or is empty, is told', async (t) => {
  const { scene, known } = await everyTable(t);
  const PAGE = 8192;
  const db = new Database(scene.path('2026-11'), { readonly: true });
  const pages = Number(db.pragma('page_count', { simple: true }));
  db.close();
  for (let kept = 0; kept < pages; kept++) {
    const copy = copyOf(t, scene);
    truncateSync(copy.path('2026-11'), kept * PAGE);
    const { counts, kept: findings } = (await copy.audit({}, known)).findings;
    t.true(counts.damaged + counts.gone > 0, `${kept} of ${pages} pages`);
    t.true(findings.every(({ month }) => month.startsWith('2026-')));
  }
});

test('a page of a file that is overwritten is told, whichever it is', async (t) => {
  const { scene, known } = await everyTable(t);
  const PAGE = 8192;
  const db = new Database(scene.path('2026-12'), { readonly: true });
  const pages = Number(db.pragma('page_count', { simple: true }));
  const free = Number(db.pragma('freelist_count', { simple: true }));
  db.close();
  t.is(free, 0);
  for (let page = 0; page < pages; page++) {
    const copy = copyOf(t, scene);
    overwritePage(copy.path('2026-12'), { page: page + 1, bytes: PAGE });
    const { counts } = (await copy.audit({}, known)).findings;
    t.true(counts.damaged + counts.gone > 0, `page ${page + 1} of ${pages}`);
  }
});

test('whatever of a seal is another is told', async (t) => {
  const { scene, known } = await everyTable(t);
  const [seal] = known.seals as readonly [MonthSeal];
  for (const field of Object.keys(seal) as (keyof MonthSeal)[]) {
    const changed = { ...seal, [field]: field === 'month' ? '2026-10' : otherThan(asBuffer(seal[field])) };
    const { counts } = (await scene.audit({}, { ...known, seals: [changed] })).findings;
    t.true(counts.damaged + counts.gone > 0, field);
  }
});

function asBuffer(value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value) : value;
}
