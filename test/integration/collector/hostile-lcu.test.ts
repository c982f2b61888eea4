import test from 'ava';
import { rebuildDerived } from '@farola/collector/fleet/rebuild-derived.js';
import { ledgerKeyParts, ORDINAL_LIMIT } from '@farola/collector/ledger/ledger-key.js';
import {
  ANSWER,
  type Cbor,
  chainNext,
  chainSeed,
  contentTypeOf,
  cutFrame,
  cutOut,
  decodeCbor,
  encodeCbor,
  encodeEntry,
  encodeFrame,
  type Instant,
  KINDS,
  type PreviousEpoch,
  seal,
} from '@farola/shared';
import { bootOf, type SimulatedEpoch, type SimulatedLcu } from '#scripts/simulated-lcu.js';
import { openRig, ROUND_MS } from '../../fakes/collector-rig.js';
import { analyser, sample } from '../../fakes/test-chain.js';
import { testSigner } from '../../fakes/test-signer.js';
import { Dice } from '../../unit/fuzz/dice.js';
import { mutateBytes } from '../../unit/fuzz/mutate-bytes.js';
import { mutateValue } from '../../unit/fuzz/mutate-value.js';

const ROUNDS = process.env['FAROLA_LONG'] === '1' ? 5000 : 250;
const SEED = Number(process.env['FAROLA_SEED'] ?? process.pid);
const KEY = testSigner(2);

/** The answer with other values in it, signed as a good one. */
function signedLie(honest: Uint8Array, dice: Dice): Uint8Array {
  const { signed, attachment } = cutFrame(honest);
  const value: Cbor = decodeCbor(cutOut(signed).payload);
  const lie = seal(contentTypeOf(ANSWER), encodeCbor(mutateValue(value, dice)), KEY);
  return encodeFrame(KINDS.answer.number, lie, attachment?.items);
}

/** Appends what a journal holds, or bytes that were that once. */
function write(lcu: SimulatedLcu, dice: Dice, monoMs: number): void {
  if (dice.oneIn(12)) lcu.beginEpoch();
  for (let count = dice.below(6); count > 0; count--) {
    const number = lcu.append(sample(dice.below(3), monoMs, [count]));
    const { entries } = lcu.present;
    const good = dice.oneIn(4) ? (entries[0] as Uint8Array) : (entries[number - 1] as Uint8Array);
    const entry = mutateBytes(good, dice, good);
    if (dice.oneIn(2) && entry.length < 8000) lcu.appendBytes(entry);
  }
}

test(`an LCU that lies under its own good key for ${ROUNDS} rounds harms nothing but itself`, async (t) => {
  t.timeout(20 * 60_000);
  t.log(`FAROLA_SEED=${SEED} repeats the lies`);
  const rig = await openRig(t);
  const dice = new Dice(SEED);
  const liar = rig.simulate('malaga-0042', 2);
  const honest = rig.simulate('malaga-0043', 3);
  const known = { liar: rig.enrol('malaga-0042', KEY), honest: rig.enrol('malaga-0043', testSigner(3)) };
  liar.listsAll = false;
  honest.append({ kind: 'table', at: rig.time.now(), analysers: [analyser(0, 'main')], retired: [] });
  rig.connect(honest);
  const respond = (frame: Uint8Array): Uint8Array | undefined => {
    const answer = liar.receive(frame);
    if (!answer || cutFrame(frame).kind !== KINDS.poll.number) return answer;
    return dice.oneIn(3) ? signedLie(answer, dice) : answer;
  };
  const codes = new Map<string, number>();
  let channel = rig.connect(liar, respond);
  for (let round = 0; round < ROUNDS; round++) {
    write(liar, dice, rig.time.now().monoMs);
    honest.append(sample(0, rig.time.now().monoMs, [round]));
    if (channel.closedFor !== undefined || dice.oneIn(20)) channel = rig.connect(liar, respond);
    await rig.time.advance(ROUND_MS);
    const verdict = rig.contact(known.liar)?.verdict ?? 'none';
    codes.set(verdict, (codes.get(verdict) ?? 0) + 1);
  }
  t.log([...codes].map(([code, count]) => `${code} ${count}`).join(', '));
  // That it answers in an epoch that it had left is one of its lies.
  const errors = rig.log.filter(({ level, message }) => level === 'error' && message !== 'LCU quarantined');
  t.deepEqual(errors, []);
  t.not(rig.fleet.find('malaga-0043')?.state, 'quarantined');
  t.like(rig.contact(known.honest), { verdict: 'ok', answersRefused: 0, backlog: 0 });
  t.true((codes.get('ok') ?? 0) > 0 && codes.size > 3);
  t.notThrows(() => rebuildDerived({ ledger: rig.ledger, derived: rig.state.derived }));
  const owned = [...rig.ledger.rows(known.liar.lcuNo, 0, rig.time.now().wallMs)].flatMap((row) =>
    rig.ledger
      .ownedBy(row.key)
      .flatMap(({ epoch, from, to }) =>
        Array.from({ length: to - from + 1 }, (_, i) => `${Buffer.from(epoch).toString('hex')} ${from + i}`),
      ),
  );
  t.is(new Set(owned).size, owned.length, 'no entry is owned twice');
});

/** An epoch of one entry, whose start names this one as the epoch before. */
function startAfter(previous: PreviousEpoch | null, no: number, at: Instant): SimulatedEpoch {
  const epoch = new Uint8Array(8);
  new DataView(epoch.buffer).setUint32(0, no);
  const configHash = new Uint8Array(32);
  const boot = bootOf('b0');
  const entry = encodeEntry({ kind: 'start', at, boot, previous, codeHash: null, configHash, agentVersion: 'x', analysers: [] });
  const seed = chainSeed('malaga-0042', epoch);
  return { epoch, entries: [entry], heads: [seed, chainNext(seed, entry)], floor: 0 };
}

/** Makes the LCU list 32 epochs that the collector never saw with each answer, without end. Gives how many it made. */
function listFreshStarts(lcu: SimulatedLcu, previous: PreviousEpoch | null, now: () => Instant): () => number {
  const { present } = lcu;
  const compose = lcu.composeAnswer.bind(lcu);
  let made = 0;
  let fresh: SimulatedEpoch[] = [];
  lcu.composeAnswer = (poll, signed) => {
    const acked = new Set(poll.acks.map(([epoch]) => Buffer.from(epoch).toString('hex')));
    fresh = fresh.filter(({ epoch }) => !acked.has(Buffer.from(epoch).toString('hex')));
    while (fresh.length < 32) fresh.push(startAfter(previous, ++made, now()));
    lcu.epochs.splice(0, lcu.epochs.length, ...fresh, present);
    return compose(poll, signed);
  };
  return () => made;
}

/** Calls of ledger and derived state that one poll may cost, whatever came before it. */
const ASKED_PER_POLL = 80;
/** Rows that these may give. */
const ROWS_PER_POLL = 60;
const SLOTS = process.env['FAROLA_LONG'] === '1' ? 20 : 4;

for (const what of ['no epoch', 'one epoch'] as const) {
  test(`security: an LCU whose starts name ${what} before them, ${SLOTS * ORDINAL_LIMIT} times, is quarantined, and no poll of it costs more for those before`, async (t) => {
    t.timeout(20 * 60_000);
    const rig = await openRig(t);
    const liar = rig.simulate('malaga-0042', 2);
    const honest = rig.simulate('malaga-0043', 3);
    const known = { liar: rig.enrol('malaga-0042', KEY), honest: rig.enrol('malaga-0043', testSigner(3)) };
    rig.connect(honest);
    rig.connect(liar);
    await rig.time.advance(1000);
    const { epoch, heads } = liar.present;
    const made = listFreshStarts(liar, what === 'no epoch' ? null : { epoch, n: 1, head: heads[1] as Uint8Array }, () =>
      rig.time.now(),
    );
    let before = { asked: rig.counts.asked, rows: rig.counts.rows };
    const most = { asked: 0, rows: 0 };
    rig.connect(liar, (frame) => {
      const { asked, rows } = rig.counts;
      most.asked = Math.max(most.asked, asked - before.asked);
      most.rows = Math.max(most.rows, rows - before.rows);
      before = { asked, rows };
      return liar.receive(frame);
    });
    for (let slot = 0; slot < SLOTS; slot++) {
      honest.append(sample(0, rig.time.now().monoMs, [slot]));
      await rig.time.advance(ROUND_MS);
    }
    t.log(`${made()} starts, ${liar.polls.length} polls, at most ${most.asked} calls and ${most.rows} rows for one`);
    t.true(liar.polls.length > 0.8 * SLOTS * ORDINAL_LIMIT);
    t.true(most.asked <= ASKED_PER_POLL && most.rows <= ROWS_PER_POLL);
    t.is(rig.fleet.find('malaga-0042')?.state, 'quarantined');
    t.true(rig.ledger.judgements(known.liar.lcuNo).length <= 10);
    t.like(rig.contact(known.honest), { verdict: 'ok', answersRefused: 0, backlog: 0 });

    const slots = new Map<number, number>();
    for (const { key } of rig.ledger.rows(known.liar.lcuNo, 0, rig.time.now().wallMs)) {
      const { slot } = ledgerKeyParts(key);
      slots.set(slot, (slots.get(slot) ?? 0) + 1);
    }
    t.is(Math.max(...slots.values()), ORDINAL_LIMIT, 'the bound of a slot was reached');
    t.true(rig.log.some(({ fields }) => fields['code'] === 'ledger-slot-full'));
  });
}
