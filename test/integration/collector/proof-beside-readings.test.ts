import { rmSync, writeFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { printIntervals } from '@farola/collector/cli/intervals.js';
import { verifyLedger, type VerifyOptions } from '@farola/collector/cli/ledger-verify.js';
import { rebuildCommand } from '@farola/collector/cli/ledger-rebuild.js';
import { printReadings, type ReadingsOptions } from '@farola/collector/cli/readings.js';
import { openSqliteProofBook } from '@farola/collector/proof/sqlite-proof-book.js';
import { codeOf } from '@farola/shared';
import { HarmedLedger } from '../../fakes/harmed-ledger.js';

const [MINE, OTHER] = HarmedLedger.LCUS;
const SPAN = { from: '2025-01-10', to: '2025-01-11' };
const HARM =
  /^DOES NOT AGREE WITH WHAT WAS SIGNED: 1 place of the ledger behind these; gone: 0; the first: 2025-01\.db, malaga-0042/m;
const UNTIL = /^proven: what was received before \S+Z, by `farola-collector ledger (\w+)` of \S+Z$/m;

interface Said {
  readonly out: string;
  readonly notes: string;
}

async function said(harmed: HarmedLedger, options: Partial<ReadingsOptions>, byInterval = false): Promise<Said> {
  const [out, notes]: string[][] = [[], []];
  const all = { config: harmed.on.config, out: (line: string) => out!.push(line), note: (line: string) => notes!.push(line) };
  if (byInterval) await printIntervals({ ...SPAN, ...all, ...options, interval: 'hour' });
  else await printReadings({ ...all, ...options });
  return { out: out!.join('\n'), notes: notes!.join('\n') };
}

function last({ out }: Said): { readonly proof: object | null } {
  return JSON.parse(out.split('\n').at(-1)!) as { proof: object | null };
}

async function done(act: (options: VerifyOptions) => Promise<void>, { on }: HarmedLedger, more: Partial<VerifyOptions> = {}) {
  return act({ config: on.config, out: () => undefined, ...more }).then(() => 'ok', codeOf);
}

async function harmed(t: ExecutionContext): Promise<HarmedLedger> {
  const made = await HarmedLedger.of(t);
  made.alterValue(made.keys[0]![10]!);
  return made;
}

test('readings say that nothing was proven, then up to when and by what, and name what the proof found of that LCU alone', async (t) => {
  const scene = await harmed(t);
  t.regex((await said(scene, { lcuId: MINE })).out, /^NOT PROVEN SINCE IT WAS STORED: /m);
  t.is(await done(verifyLedger, scene), 'ledger-damaged');
  for (const span of [{}, SPAN]) {
    // The newest value of each is of a row that was received behind the damage.
    const isOfSpan = span === SPAN;
    const table = await said(scene, { lcuId: MINE, ...span });
    t.is(UNTIL.exec(table.out)?.[1], 'verify');
    t.is(HARM.test(table.out), isOfSpan);
    t.notRegex((await said(scene, { lcuId: OTHER, ...span })).out, HARM);
    const csv = await said(scene, { lcuId: MINE, ...span, csv: true });
    t.notRegex(csv.out, /proven|SIGNED/);
    t.notRegex(csv.notes, /proven: /, 'a program that reads it wants to hear of nothing that is well');
    t.is(csv.notes.includes('note: DOES NOT AGREE'), isOfSpan);
    const json = last(await said(scene, { lcuId: MINE, ...span, json: true }));
    t.like(json.proof!, { provenBy: 'verify', damaged: isOfSpan ? 1 : 0, gone: 0 });
  }
  t.notRegex((await said(scene, { lcuId: MINE, from: '2025-01-10T01:30Z' })).out, HARM, 'it was received before the span');
});

test('readings by interval say what they are made without, until the ledger is mended and they are made anew', async (t) => {
  const scene = await harmed(t);
  t.is(await done(rebuildCommand, scene), 'rebuild-incomplete');
  const of = { lcuId: MINE };
  const table = await said(scene, of, true);
  t.regex(table.out, /^LEFT OUT: 1 place of the ledger is not in these, /m);
  t.regex(table.out, HARM);
  t.is(UNTIL.exec(table.out)?.[1], 'rebuild');
  t.notRegex((await said(scene, { lcuId: OTHER }, true)).out, /LEFT OUT|AGREE/);
  const csv = await said(scene, { ...of, csv: true }, true);
  t.notRegex(csv.out, /LEFT OUT|AGREE/);
  t.regex(csv.notes, /^note: LEFT OUT: .*\nnote: DOES NOT AGREE /);
  t.like(last(await said(scene, { ...of, json: true }, true)), {
    row: 'notes',
    leftOut: 1,
    proof: { provenBy: 'rebuild', damaged: 1 },
  });

  scene.mend();
  t.is(await done(verifyLedger, scene), 'ok');
  const mended = await said(scene, of, true);
  t.notRegex(mended.out, HARM);
  t.regex(mended.out, /^LEFT OUT: /m, 'the ledger is whole, the figures are not');
  t.is(await done(rebuildCommand, scene), 'ok');
  t.notRegex((await said(scene, of, true)).out, /LEFT OUT|AGREE/);
});

test('what was found stands until a proof looks at it again', async (t) => {
  const scene = await harmed(t);
  t.is(await done(verifyLedger, scene), 'ledger-damaged');
  scene.mend();
  t.is(await done(verifyLedger, scene, { lcu: OTHER }), 'ok');
  t.is(await done(verifyLedger, scene, { from: '2025-01-11' }), 'ok');
  t.regex((await said(scene, { lcuId: MINE, ...SPAN })).out, HARM);
  t.is(await done(verifyLedger, scene, { month: '2025-01' }), 'ok');
  t.notRegex((await said(scene, { lcuId: MINE, ...SPAN })).out, HARM);
});

test('what the nightly proof found stands beside readings, and where nothing can be said, that is', async (t) => {
  const scene = await HarmedLedger.of(t);
  const { proof } = scene.on.paths;
  const book = await openSqliteProofBook(proof);
  const finding = { kind: 'damaged', what: 'test', month: '2025-01', lcu: MINE, key: scene.keys[0]![3]!, foundAtMs: 1 } as const;
  const night = { beganMs: 1, endedMs: 2, rows: 50, counts: { damaged: 1, gone: 0, owed: 0 } };
  book.save({ provenUpTo: scene.keys[0]!.at(-1)!, night: null, last: night, lastDueMs: 1 }, [finding]);
  book.close();
  const { out } = await said(scene, { lcuId: MINE, ...SPAN });
  t.regex(out, /^proven: what was received before 2025-01-10T\S+Z, by the nightly proof of 1970-/m);
  t.regex(out, HARM);
  for (const suffix of ['-wal', '-shm']) rmSync(proof + suffix, { force: true });
  writeFileSync(proof, 'no database, and longer than the header of one '.repeat(40));
  t.regex((await said(scene, { lcuId: MINE, ...SPAN })).out, /^WHETHER THE LEDGER BEHIND THESE WAS PROVEN CANNOT BE SAID: /m);
  t.is(last(await said(scene, { lcuId: MINE, json: true })).proof, null);
});
