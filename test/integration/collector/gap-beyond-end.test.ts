import test, { type ExecutionContext } from 'ava';
import { type Answer, cutFrame, cutSigned, GAP_REASON, type GapRecord, KINDS, parseMessage, POLL, toHex } from '@farola/shared';
import type { Lcu } from '@farola/collector/fleet/fleet.js';
import type { SimulatedLcu } from '#scripts/simulated-lcu.js';
import { type CollectorRig, openRig, ROUND_MS } from '../../fakes/collector-rig.js';
import { seededRandom } from '../../fakes/seeded-random.js';
import { testSigner } from '../../fakes/test-signer.js';

const ID = 'malaga-0042';
const NEVER_WERE = 1_000_000;

/** A sample each minute. */
async function run(rig: CollectorRig, lcu: SimulatedLcu, minutes: number): Promise<void> {
  for (let i = 0; i < minutes; i++) {
    await rig.time.advance(60_000);
    lcu.append({ kind: 'sample', at: rig.time.now(), analyser: 0, spanMs: 1, status: 'complete', values: [i] });
  }
}

async function running(t: ExecutionContext): Promise<{ rig: CollectorRig; lcu: SimulatedLcu; known: Lcu }> {
  const rig = await openRig(t);
  const lcu = rig.simulate(ID, 2);
  const known = rig.enrol(ID, testSigner(2));
  rig.connect(lcu);
  await run(rig, lcu, 6);
  await rig.time.advance(ROUND_MS);
  return { rig, lcu, known };
}

/** A gap from the entry after the last one of the present epoch on, over entries that nobody made. */
function inventedGap({ present: { epoch, entries, heads } }: SimulatedLcu): GapRecord {
  const last = entries.length;
  return [epoch, last + 1, last + NEVER_WERE, heads[last] as Uint8Array, new Uint8Array(32).fill(9), GAP_REASON.evicted];
}

/** Whoever has the key connects once, answers with these fields, and is gone. */
async function thief(rig: CollectorRig, lcu: SimulatedLcu, change: Partial<Answer>): Promise<void> {
  const channel = rig.connect(lcu, (frame) => {
    const { kind, signed } = cutFrame(frame);
    if (kind !== KINDS.poll.number) return lcu.receive(frame);
    const parts = cutSigned(signed);
    const poll = parts.ok ? parseMessage(POLL, parts.value.payload) : parts;
    return poll.ok ? lcu.answerPoll(poll.value, signed, change) : undefined;
  });
  await rig.time.advance(1000);
  channel.close('gone');
}

const judged = (rig: CollectorRig): string[] => rig.ledger.judgements(0).map(({ code }) => code);
const markOf = (rig: CollectorRig, { epoch }: { epoch: Uint8Array }): number => rig.ledger.holding(0, epoch).mark.n;

/** Highest entry of an epoch whose bytes are stored. */
function bytesUpTo(rig: CollectorRig, { epoch }: { epoch: Uint8Array }): number {
  const rows = [...rig.ledger.rows(0, 0, rig.time.now().wallMs)];
  const owned = rows.flatMap((row) => rig.ledger.ownedBy(row.key)).filter((one) => toHex(one.epoch) === toHex(epoch));
  return Math.max(...owned.map(({ to }) => to));
}

for (const [what, listing] of [
  ['beyond the end of its epoch', {}],
  ['of an epoch that its answer does not list', { openEpochs: [] }],
] as const) {
  test(`security: one answer with a gap ${what} is refused, and silences no LCU`, async (t) => {
    const { rig, lcu, known } = await running(t);
    await thief(rig, lcu, { gaps: [inventedGap(lcu)], ...(listing as Partial<Answer>) });
    t.is(rig.contact(known)?.verdict, 'gap-beyond-end');
    t.is(markOf(rig, lcu.present), lcu.present.entries.length, 'none of it is taken');
    rig.connect(lcu);
    await run(rig, lcu, 30);
    await rig.time.advance(ROUND_MS);
    t.is(bytesUpTo(rig, lcu.present), lcu.present.entries.length);
    t.like(rig.contact(known), { verdict: 'ok', backlog: 0 });
    t.is(rig.fleet.find(ID)?.state, 'active');
    t.deepEqual(judged(rig), []);
  });
}

test('security: a gap over entries that its answer also lists shows as two units, and what the true one delivers is stored', async (t) => {
  const { rig, lcu, known } = await running(t);
  const { epoch, entries } = lcu.present;
  await thief(rig, lcu, { gaps: [inventedGap(lcu)], openEpochs: [[epoch, 1, entries.length + NEVER_WERE]] });
  t.is(rig.contact(known)?.verdict, 'ok');
  rig.connect(lcu);
  await run(rig, lcu, 30);
  await rig.time.advance(ROUND_MS);
  t.deepEqual(judged(rig), ['state-went-back', 'quarantined']);
  t.like(rig.ledger.judgements(0)[0]?.facts, { previous: toHex(epoch), lost: 'an unknown length' });
  t.is(bytesUpTo(rig, lcu.present), lcu.present.entries.length);
  await rig.time.advance(ROUND_MS);
  t.deepEqual(lcu.polls.at(-1)?.acks.at(-1)?.slice(0, 2), [epoch, lcu.present.entries.length]);
  t.deepEqual(
    rig.log.filter(({ level, message }) => level === 'error' && message === 'poll failed'),
    [],
  );
});

for (const [minutes, states] of [
  [5, ['state-went-back']],
  [6, ['state-went-back', 'quarantined']],
] as const) {
  test(`an LCU that lists its present epoch without ${minutes} minutes that are stored is told${minutes > 5 ? ', and quarantined' : ''}`, async (t) => {
    const rig = await openRig(t);
    const lcu = rig.simulate(ID, 2);
    rig.enrol(ID, testSigner(2));
    rig.connect(lcu);
    await run(rig, lcu, 3);
    const image = lcu.image(seededRandom('image'));
    await run(rig, lcu, minutes);
    await rig.time.advance(ROUND_MS);
    for (let i = 0; i < 3; i++) {
      rig.connect(image);
      await rig.time.advance(1000);
    }
    t.is(judged(rig)[0], 'state-went-back');
    t.like(rig.ledger.judgements(0)[0]?.facts, { lost: `${minutes * 60_000} ms`, n: 4 });
    t.deepEqual([...new Set(judged(rig))], [...states]);
    t.is(rig.fleet.find(ID)?.state, minutes > 5 ? 'quarantined' : 'active');
  });
}

test('an epoch that was ended lists what a salvage left of it, and nobody is blamed', async (t) => {
  const { rig, lcu } = await running(t);
  const { epoch } = lcu.present;
  const held = lcu.present.entries.length;
  lcu.beginEpoch();
  const [ended] = lcu.epochs;
  ended?.entries.splice(held - 3);
  rig.connect(lcu);
  await rig.time.advance(1000);
  await run(rig, lcu, 1);
  await rig.time.advance(ROUND_MS);
  t.deepEqual(judged(rig), []);
  t.is(markOf(rig, { epoch }), held);
});
