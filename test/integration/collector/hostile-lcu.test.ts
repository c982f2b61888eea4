import test from 'ava';
import { rebuildDerived } from '@farola/collector/fleet/rebuild-derived.js';
import {
  ANSWER,
  type Cbor,
  contentTypeOf,
  cutFrame,
  cutOut,
  decodeCbor,
  encodeCbor,
  encodeFrame,
  KINDS,
  seal,
} from '@farola/shared';
import type { SimulatedLcu } from '#scripts/simulated-lcu.js';
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
  t.deepEqual(
    rig.log.filter(({ level }) => level === 'error').map(({ fields }) => fields['err']),
    [],
  );
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
