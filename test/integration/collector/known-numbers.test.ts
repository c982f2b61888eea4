import test from 'ava';
import {
  type Answer,
  chainHead,
  cutFrame,
  cutSigned,
  GAP_REASON,
  KINDS,
  parseMessage,
  POLL,
  type Poll,
  type SampleEntry,
  WANT,
} from '@farola/shared';
import type { SimulatedLcu } from '#scripts/simulated-lcu.js';
import { type CollectorRig, openRig, ROUND_MS } from '../../fakes/collector-rig.js';
import { seededRandom } from '../../fakes/seeded-random.js';
import { testSigner } from '../../fakes/test-signer.js';

const ID = 'malaga-0042';

function enrolled(rig: CollectorRig): SimulatedLcu {
  const lcu = rig.simulate(ID, 2);
  rig.enrol(ID, testSigner(2));
  return lcu;
}

function sampleNow(rig: CollectorRig, value = 1): SampleEntry {
  return { kind: 'sample', at: rig.time.now(), analyser: 0, spanMs: 1, status: 'complete', values: [value] };
}

/** Connects an LCU that answers each poll as `lie` changes it, under its own good signature. */
function connectLying(rig: CollectorRig, lcu: SimulatedLcu, lie: (poll: Poll) => Partial<Answer>): void {
  rig.connect(lcu, (frame) => {
    const { kind, signed } = cutFrame(frame);
    const parts = cutSigned(signed);
    const poll = kind === KINDS.poll.number && parts.ok ? parseMessage(POLL, parts.value.payload) : undefined;
    return poll?.ok ? lcu.answerPoll(poll.value, signed, lie(poll.value)) : lcu.receive(frame);
  });
}

function judged(rig: CollectorRig): string[] {
  return [...new Set(rig.ledger.judgements(0).map(({ code }) => code))];
}

test('D32: another unit under the same key and epoch, whose entry of a known number is another, is quarantined', async (t) => {
  const rig = await openRig(t);
  const lcu = enrolled(rig);
  const other = lcu.image(seededRandom('other'));
  lcu.append(sampleNow(rig, 1));
  other.append(sampleNow(rig, 2));
  other.append(sampleNow(rig, 2));
  rig.connect(lcu);
  await rig.time.advance(1000);
  t.deepEqual(judged(rig), []);
  rig.connect(other);
  await rig.time.advance(1000);
  t.deepEqual(judged(rig), ['chain-fork', 'quarantined']);
  t.is(rig.fleet.find(ID)?.state, 'quarantined');
  const [{ kept } = {}] = rig.ledger.judgements(0);
  t.true((kept?.answer.length ?? 0) > 0, 'what proves it is kept whole');
});

test('D34: one bit of prev that was flipped, under a good signature and with a head that fits, is a fork', async (t) => {
  const rig = await openRig(t);
  const lcu = enrolled(rig);
  let lies = false;
  connectLying(rig, lcu, ({ want: [, , after] }) => {
    if (!lies) return {};
    const { entries, heads } = lcu.present;
    const prev = heads[after]!.with(31, heads[after]!.at(-1)! ^ 1);
    return { prev, head: chainHead(prev, entries.slice(after)) };
  });
  await rig.time.advance(1000);
  const held = rig.ledger.holding(0, lcu.present.epoch).mark;
  lies = true;
  lcu.append(sampleNow(rig));
  await rig.time.advance(ROUND_MS);
  t.deepEqual(judged(rig), ['chain-fork', 'quarantined']);
  const { mark } = rig.ledger.holding(0, lcu.present.epoch);
  t.is(mark.n, held.n, 'what was known stays as it was');
  t.deepEqual(mark.head, held.head);
});

/** Entries above this are those of the first answer. */
const HOLE = 44;

for (const [what, told] of [
  ['without a gap record stays a hole: nothing is acknowledged, it is counted as backlog, and told', false],
  ['with a gap record of the LCU is passed over', true],
] as const) {
  test(`D33: a number that never comes ${what}`, async (t) => {
    const rig = await openRig(t);
    const lcu = enrolled(rig);
    while (lcu.present.entries.length < 256 + HOLE) lcu.append(sampleNow(rig));
    const { epoch, heads, entries } = lcu.present;
    const { length } = entries;
    if (told) lcu.gaps = [[epoch, 1, HOLE, heads[0]!, heads[HOLE]!, GAP_REASON.evicted]];
    const withholding = (frame: Uint8Array): Uint8Array | undefined => {
      const { kind, signed } = cutFrame(frame);
      const parts = cutSigned(signed);
      const poll = kind === KINDS.poll.number && parts.ok ? parseMessage(POLL, parts.value.payload) : undefined;
      if (!poll?.ok || poll.value.want[0] === WANT.newest) return lcu.receive(frame);
      const nothing: Poll = { ...poll.value, want: [WANT.newest, epoch, length] };
      return lcu.answerPoll(nothing, signed);
    };
    for (let connection = 0; connection < 5; connection++) {
      rig.connect(lcu, withholding);
      await rig.time.advance(1000);
    }
    t.deepEqual(judged(rig), [], 'connections in quick succession are one round');
    await rig.time.advance(3 * ROUND_MS);
    const { mark, runs } = rig.ledger.holding(0, epoch);
    t.deepEqual(
      runs.map(({ from, to }) => [from, to]),
      [told ? [1, length] : [HOLE + 1, length]],
    );
    t.is(mark.n, told ? length : 0);
    const acked = lcu.polls.at(-1)?.acks.map(([, n]) => n);
    t.deepEqual(acked, told ? [length] : []);
    const backlog = rig.contact(rig.fleet.find(ID)!)?.backlog;
    t.is(backlog, told ? 0 : HOLE);
    t.deepEqual(judged(rig), told ? [] : ['entries-withheld']);
    if (!told) t.like(rig.ledger.judgements(0)[0], { facts: { from: 1, to: HOLE, rounds: 3 } });
    await rig.time.advance(3 * ROUND_MS);
    t.is(rig.ledger.judgements(0).length, told ? 0 : 1, 'a hole is told once');
  });
}

test('D33: an LCU that lists nothing of what it numbered, and tells none of it as gone, is told to withhold it', async (t) => {
  const rig = await openRig(t);
  const lcu = enrolled(rig);
  while (lcu.present.entries.length < HOLE) lcu.append(sampleNow(rig));
  lcu.present.floor = HOLE;
  rig.connect(lcu);
  await rig.time.advance(3 * ROUND_MS);
  t.deepEqual(judged(rig), ['entries-withheld']);
  t.like(rig.ledger.judgements(0)[0], { facts: { from: 1, to: HOLE, rounds: 3 } });
});

for (const delivered of [true, false]) {
  test(`D33: what an LCU no longer lists and tells as gone nowhere is ${delivered ? 'no matter when it was delivered' : 'told, whatever first entry it names'}`, async (t) => {
    const rig = await openRig(t);
    const lcu = enrolled(rig);
    while (lcu.present.entries.length < 100) lcu.append(sampleNow(rig));
    rig.connect(lcu);
    if (delivered) await rig.time.advance(1000);
    for (let round = 0; round < 4; round++) {
      lcu.present.floor = HOLE + (round % 2);
      await rig.time.advance(ROUND_MS);
    }
    t.deepEqual(judged(rig), delivered ? [] : ['entries-withheld']);
    if (!delivered) t.like(rig.ledger.judgements(0)[0], { facts: { from: 1, to: HOLE, rounds: 3 } });
  });
}
