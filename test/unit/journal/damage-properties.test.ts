import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Journal } from '@farola/agent/journal/journal.js';
import { decodeEntry, encodeEntry, GAP_REASON, toHex, WANT } from '@farola/shared';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { drainJournal } from '../../fakes/drain-journal.js';
import { StrictCollector } from '../../fakes/strict-collector.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { openTestJournal, sampleEntry } from '../../fakes/test-journal.js';
import { runs } from '../shared/runs.js';

/** What happens to one row; `at` chooses it. */
interface Blow {
  readonly what: 'bytes' | 'head' | 'row';
  readonly epoch: number;
  readonly at: number;
}

/** Entries of each of the epochs, their starts included. */
const COUNT = 300;

/** The last row of the newest epoch is spared: nothing could tell that it ever was there. */
const numberOf = ({ epoch, at }: Blow): number => 1 + (at % (epoch === 0 ? COUNT : COUNT - 1));

const blows = fc.uniqueArray(
  fc.record({ what: fc.constantFrom('bytes' as const, 'head' as const, 'row' as const), epoch: fc.nat(1), at: fc.nat(598) }),
  { minLength: 1, maxLength: 6, selector: (blow) => `${blow.epoch} ${numberOf(blow)}` },
);

/** Two whole epochs of samples; gives the entries as they were. */
async function filled(folder: string): Promise<Map<string, string>[]> {
  const epochs: Map<string, string>[] = [];
  for (let i = 0; i < 2; i++) {
    const journal = await openTestJournal(folder);
    const entries = new Map<string, string>();
    for (let mark = 0; mark < COUNT - 1; mark++) {
      const entry = sampleEntry(mark, 3);
      entries.set(`${toHex(journal.epoch)} ${journal.append(entry)}`, toHex(encodeEntry(entry)));
    }
    epochs.push(entries);
    journal.close();
  }
  return epochs;
}

/** Deals the blow, and gives the epoch and number of the row. */
function strike(folder: string, blow: Blow): string {
  const db = new Database(join(folder, 'journal.sqlite'));
  const n = numberOf(blow);
  const id = blow.epoch + 1;
  const where = `WHERE epoch_id = ${id} AND n = ${n}`;
  const column = blow.what === 'head' ? 'head' : 'bytes';
  const old = db.prepare<[], Uint8Array>(`SELECT ${column} FROM entry ${where}`).pluck().get();
  if (blow.what === 'row') db.exec(`DELETE FROM entry ${where}`);
  else if (old) db.prepare(`UPDATE entry SET ${column} = ? ${where}`).run(old.map((byte, i) => (i === 5 ? byte ^ 0x10 : byte)));
  const epoch = db.prepare('SELECT epoch FROM epoch WHERE id = ?').pluck().get(id) as Uint8Array;
  db.close();
  return `${toHex(epoch)} ${n}`;
}

/** An altered row costs itself, a lost row itself and the one after, whose predecessor's hash is gone. */
function mayBeLost(struck: ReadonlyMap<string, Blow['what']>): Set<string> {
  const lost = new Set<string>();
  for (const [name, what] of struck) {
    const [epoch = '', n = ''] = name.split(' ');
    lost.add(name);
    if (what !== 'bytes') lost.add(`${epoch} ${Number(n) + 1}`);
  }
  return lost;
}

/** Deals the blows, and holds what a collector then learns against what there was. */
async function holdsAfter(t: ExecutionContext, all: readonly Blow[], newestFirst: boolean): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'farola-'));
  try {
    const epochs = await filled(folder);
    const struck = new Map(all.map((blow) => [strike(folder, blow), blow.what]));
    const journal = await openTestJournal(folder);
    const collector = new StrictCollector();
    // An epoch ends with what can be proven: what is lost at its very end is beyond it, as after lost commits.
    const ends = new Map(journal.openEpochs().map(([epoch, , last]) => [toHex(epoch), last]));
    if (newestFirst) for (const [epoch] of journal.openEpochs()) collector.ask(journal, [WANT.newest, epoch, 0]);
    drainJournal(journal, collector);
    const knownOf = (name: string) => {
      const [epoch = '', n = ''] = name.split(' ');
      const known = collector.known(Buffer.from(epoch, 'hex'));
      return {
        text: known.entries.get(Number(n)),
        inGap: known.gaps.has(Number(n)),
        isBeyond: Number(n) > (ends.get(epoch) ?? 0),
      };
    };
    const missing: string[] = [];
    for (const [name, text] of epochs.flatMap((entries) => [...entries])) {
      const known = knownOf(name);
      if (known.text !== text) missing.push(name);
      if (!known.isBeyond && known.inGap !== (known.text === undefined)) t.fail(`${name} is neither an entry nor a gap`);
    }
    const allowed = mayBeLost(struck);
    t.deepEqual(
      missing.filter((name) => !allowed.has(name)),
      [],
    );
    const altered = [...struck].filter(([, what]) => what === 'bytes').map(([name]) => name);
    for (const name of altered) t.is(knownOf(name).text, undefined, 'what was altered is never signed');
    journal.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('whatever rows are altered or lost: the rest is delivered and proves itself, and gaps tell of the damage', async (t) => {
  await fc.assert(
    fc.asyncProperty(blows, fc.boolean(), async (all, newestFirst) => {
      await holdsAfter(t, all, newestFirst);
    }),
    runs(25),
  );
});

test('an altered entry is told as a gap of reason damaged, and by an event', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'farola-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  await filled(folder);
  strike(folder, { what: 'bytes', epoch: 0, at: 49 });
  const journal = await openTestJournal(folder);
  t.teardown(() => journal.close());
  const epoch = journal.openEpochs()[0]![0];
  t.like(journal.select([WANT.range, epoch, 0, COUNT + 1]), { from: 1, to: 49 });
  t.deepEqual(journal.gaps(), []);
  const after = journal.select([WANT.range, epoch, 49, COUNT + 1]);
  t.is(after.from, 51);
  const [, from, to, , head, reason] = journal.gaps()[0]!;
  t.deepEqual([from, to, toHex(head), reason], [50, 50, toHex(after.prev), GAP_REASON.damaged]);
  t.is(journal.openEpochs().at(-1)![2], 2, 'start and event');
  t.is(journal.select([WANT.newest, epoch, 0]).from, 51);
  t.deepEqual(journal.select([WANT.range, epoch, 49, 51]).entries, []);
});

test('an altered head costs nothing: the entry is proven by the next one', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'farola-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  await filled(folder);
  strike(folder, { what: 'head', epoch: 0, at: 49 });
  const journal = await openTestJournal(folder);
  t.teardown(() => journal.close());
  const collector = new StrictCollector();
  const [[epoch, , told] = [journal.epoch, 0, 0]] = journal.openEpochs();
  drainJournal(journal, collector);
  t.is(told, COUNT);
  t.deepEqual([...collector.known(epoch).gaps], []);
});

test('where the last rows of an epoch are lost and the start of the next is altered, the epoch ends with what can be proven', async (t) => {
  const all: Blow[] = [
    { what: 'bytes', epoch: 1, at: 0 },
    { what: 'row', epoch: 0, at: 598 },
  ];
  await holdsAfter(t, all, false);
  const folder = mkdtempSync(join(tmpdir(), 'farola-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  await filled(folder);
  for (const blow of all) strike(folder, blow);
  const journal = await openTestJournal(folder);
  t.teardown(() => journal.close());
  t.is(journal.openEpochs()[0]![2], 298, 'entry 300 has no predecessor, and nothing else names it');
});

test('an epoch whose last rows are lost ends where the start of the next one says, with a gap', async (t) => {
  for (const lost of [[300], [299, 300], [300, 1]]) {
    const folder = mkdtempSync(join(tmpdir(), 'farola-'));
    t.teardown(() => rmSync(folder, { recursive: true }));
    await filled(folder);
    for (const n of lost) strike(folder, { what: 'row', epoch: 0, at: n - 1 });
    const journal = await openTestJournal(folder);
    t.teardown(() => journal.close());
    t.is(journal.openEpochs()[0]![2], COUNT);
    const collector = new StrictCollector();
    const [[epoch] = [journal.epoch]] = journal.openEpochs();
    drainJournal(journal, collector);
    t.true(lost.every((n) => collector.known(epoch).gaps.has(n)));
    t.is(journal.openEpochs().length, 1, 'nothing of it is owed any more');
  }
});

test('an epoch of a single entry that is lost does not stay in the list', async (t) => {
  for (const what of ['row', 'bytes', 'head'] as const) {
    for (const start of ['whole', 'altered'] as const) {
      const folder = mkdtempSync(join(tmpdir(), 'farola-'));
      t.teardown(() => rmSync(folder, { recursive: true }));
      for (let i = 0; i < 2; i++) (await openTestJournal(folder)).close();
      strike(folder, { what, epoch: 0, at: 0 });
      if (start === 'altered') strike(folder, { what: 'bytes', epoch: 1, at: 0 });
      const journal = await openTestJournal(folder);
      t.teardown(() => journal.close());
      t.true(
        journal.openEpochs().every(([, first, last]) => first <= last),
        `${what}, the start ${start}`,
      );
      drainJournal(journal, new StrictCollector());
      t.is(journal.size().backlog, 0, `${what}, the start ${start}`);
      t.is(journal.openEpochs().length, 1);
    }
  }
});

for (const [what, begin] of [
  ['an ack', (journal: Journal, epoch: Uint8Array, head: Uint8Array) => void journal.applyAcks([[epoch, 100, head]])],
  [
    'eviction',
    (journal: Journal) => {
      for (let n = journal.end.n; journal.end.n === n; n++) journal.append(sampleEntry(n, 20));
    },
  ],
] as const) {
  test(`the end of an epoch whose last rows are lost is not forgotten by ${what} that comes first`, async (t) => {
    const folder = temporaryFolder(t);
    await filled(folder);
    const before = await openTestJournal(folder);
    const { epoch, head } = before.select([WANT.range, before.openEpochs()[0]![0], 0, 101]);
    before.close();
    for (const n of [298, 299, 300]) strike(folder, { what: 'row', epoch: 0, at: n - 1 });
    const journal = await openTestJournal(folder, { maxBytes: 100_000 });
    t.teardown(() => journal.close());
    begin(journal, epoch, head);
    t.is(journal.openEpochs()[0]?.[2], COUNT);
    const told = journal.gaps().filter(([of]) => toHex(of) === toHex(epoch));
    t.deepEqual([told.at(-1)?.[1], told.at(-1)?.[2]], [298, COUNT]);
  });
}

test('where rows are lost at an end that nothing names, an event tells it', async (t) => {
  const folder = temporaryFolder(t);
  await filled(folder);
  for (const at of [297, 298, 299]) strike(folder, { what: 'row', epoch: 0, at });
  strike(folder, { what: 'bytes', epoch: 1, at: 0 });
  const journal = await openTestJournal(folder);
  t.teardown(() => journal.close());
  t.is(journal.openEpochs()[0]?.[2], 297);
  const events = journal
    .select([WANT.newest, journal.epoch, 1])
    .entries.map(decodeEntry)
    .flatMap((entry) => (entry.kind === 'event' ? [[entry.code, ...entry.facts.slice(1)]] : []));
  t.deepEqual(events, [['damaged', 298, 300]]);
});

test('an end that was told goes on being told when the row that stands for it is lost as well', async (t) => {
  for (const start of ['whole', 'altered'] as const) {
    const folder = temporaryFolder(t);
    await filled(folder);
    for (const at of [297, 298, 299]) strike(folder, { what: 'row', epoch: 0, at });
    const before = await openTestJournal(folder);
    t.is(before.openEpochs()[0]?.[2], COUNT);
    before.close();
    strike(folder, { what: 'row', epoch: 0, at: 299 });
    if (start === 'altered') strike(folder, { what: 'bytes', epoch: 1, at: 0 });
    const journal = await openTestJournal(folder);
    t.teardown(() => journal.close());
    t.is(journal.openEpochs()[0]?.[2], COUNT);
    t.like(journal.gaps()[0], { 1: 298, 2: COUNT });
    drainJournal(journal, new StrictCollector());
  }
});
