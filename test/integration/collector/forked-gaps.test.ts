import test, { type ExecutionContext } from 'ava';
import { cutFrame, GAP_REASON, type GapRecord, KINDS, type SampleEntry, toHex } from '@farola/shared';
import { branchId } from '@farola/collector/branch-id.js';
import { decideStanding } from '@farola/collector/fleet/decide.js';
import type { SimulatedEpoch, SimulatedLcu } from '#scripts/simulated-lcu.js';
import { type CollectorRig, openRig, ROUND_MS } from '../../fakes/collector-rig.js';
import { seededRandom } from '../../fakes/seeded-random.js';
import { testSigner } from '../../fakes/test-signer.js';

const ID = 'malaga-0042';

function sampleNow(rig: CollectorRig): SampleEntry {
  return { kind: 'sample', at: rig.time.now(), analyser: 0, spanMs: 1, status: 'complete', values: [1] };
}

/** A sample each minute. */
async function run(rig: CollectorRig, lcu: SimulatedLcu, minutes: number): Promise<void> {
  for (let i = 0; i < minutes; i++) {
    await rig.time.advance(60_000);
    lcu.append(sampleNow(rig));
  }
}

function judged(rig: CollectorRig): string[] {
  return rig.ledger.judgements(0).map(({ code }) => code);
}

/** Epoch and number of the latest sample. */
function latest(rig: CollectorRig): string | undefined {
  rig.writer.flush();
  const [sample] = rig.state.derived.latest(0);
  return sample && `${toHex(sample.epoch)} ${sample.n}`;
}

/** A gap over entries of an epoch as an LCU has them. */
function gapOf({ epoch, heads }: SimulatedEpoch, from: number, to: number): GapRecord {
  return [epoch, from, to, heads[from - 1] as Uint8Array, heads[to] as Uint8Array, GAP_REASON.evicted];
}

/** Two units with one key and one epoch, of which they share the first four entries. */
async function twins(
  t: ExecutionContext,
  entries: number,
): Promise<{ rig: CollectorRig; lcu: SimulatedLcu; twin: SimulatedLcu }> {
  const rig = await openRig(t);
  const lcu = rig.simulate(ID, 2);
  rig.enrol(ID, testSigner(2));
  await run(rig, lcu, 3);
  const twin = lcu.image(seededRandom('image'));
  for (let n = 5; n <= entries; n++) lcu.append(sampleNow(rig));
  for (let n = 5; n <= entries + 10; n++) twin.append({ ...sampleNow(rig), values: [n] });
  await rig.time.advance(1000);
  return { rig, lcu, twin };
}

/** The LCU after a restart that it kept nothing of its epoch before but what it tells of a gap. */
function withGap(lcu: SimulatedLcu, from: number, to: number): { gone: SimulatedEpoch; lcu: SimulatedLcu } {
  const gone = lcu.present;
  lcu.gaps = [gapOf(gone, from, to)];
  lcu.beginEpoch();
  lcu.epochs.splice(0, 1);
  return { gone, lcu };
}

for (const [what, bytesFirst] of [
  ['after the bytes', true],
  ['before the bytes', false],
] as const) {
  test(`a twin's gap that ends at another head and comes ${what} is a fork; what the twin delivers beside it is stored`, async (t) => {
    const { rig, lcu, twin } = await twins(t, 12);
    const { gone } = withGap(twin, 5, 12);
    const inOrder = bytesFirst ? [lcu, twin] : [twin, lcu];
    for (const unit of inOrder) {
      t.deepEqual(judged(rig), []);
      rig.connect(unit);
      await rig.time.advance(1000);
    }
    t.deepEqual([...new Set(judged(rig))], ['chain-fork', 'quarantined']);
    const [{ kept, facts } = {}] = rig.ledger.judgements(0);
    t.like(facts, { epoch: toHex(gone.epoch), to: 12, at: 12 });
    t.true((kept?.answer.length ?? 0) > 0, 'the answer is kept whole');
    t.is(rig.ledger.holding(0, twin.present.epoch).mark.n, 1);
    await rig.time.advance(2 * ROUND_MS);
    t.true(judged(rig).length <= 5);
  });
}

test('a gap over entries of another branch, both ends unknown, is no proof; it is one as soon as an end is told otherwise', async (t) => {
  const { rig, lcu, twin } = await twins(t, 300);
  let polls = 0;
  rig.connect(lcu, (frame) => (cutFrame(frame).kind === KINDS.poll.number && ++polls > 1 ? undefined : lcu.receive(frame)));
  await rig.time.advance(1000);
  const { gone } = withGap(twin, 30, 310);
  const runs = (): unknown => rig.ledger.holding(0, gone.epoch).runs.map(({ from, to }) => [from, to]);
  t.deepEqual(runs(), [[45, 300]]);
  rig.connect(twin);
  await rig.time.advance(1000);
  t.deepEqual(runs(), [[30, 310]]);
  t.deepEqual(judged(rig), [], 'an LCU that evicted what it had delivered tells the same');
  t.is(rig.fleet.find(ID)?.state, 'active');
  for (let n = 301; n <= 320; n++) lcu.append(sampleNow(rig));
  rig.connect(lcu);
  await rig.time.advance(1000);
  t.deepEqual([...new Set(judged(rig))], ['chain-fork', 'quarantined']);
  t.like(rig.ledger.judgements(0)[0]?.facts, { epoch: toHex(gone.epoch), at: 310 });
});

test('a fork that is told for ever does not quarantine again what began after the release', async (t) => {
  const { rig, lcu, twin } = await twins(t, 12);
  rig.connect(lcu);
  await rig.time.advance(1000);
  withGap(twin, 5, 12);
  rig.connect(twin);
  await rig.time.advance(1000);
  t.is(rig.fleet.find(ID)?.state, 'quarantined');
  const before = latest(rig);
  const { wallMs } = rig.time.now();
  decideStanding(rig, ID, { decision: 'released', atMs: wallMs, reason: 'as the test says', by: 'ana' });
  rig.polls.review((lcuId) => rig.fleet.find(lcuId));
  await rig.time.advance(ROUND_MS);
  t.is(rig.fleet.find(ID)?.state, 'active', 'the gap is told with every answer');
  t.is(latest(rig), before);
  twin.beginEpoch();
  rig.connect(twin);
  await run(rig, twin, 1);
  await rig.time.advance(ROUND_MS);
  t.is(latest(rig), `${toHex(twin.present.epoch)} ${twin.present.entries.length}`);
  t.is(rig.fleet.find(ID)?.state, 'active');
});

test('an epoch whose end another one names with another head is a fork, also when that other came first', async (t) => {
  const { rig, lcu, twin } = await twins(t, 22);
  twin.beginEpoch();
  twin.epochs.splice(0, 1);
  rig.connect(twin);
  await rig.time.advance(1000);
  t.deepEqual(judged(rig), []);
  for (let n = 23; n <= 32; n++) lcu.append(sampleNow(rig));
  rig.connect(lcu);
  await rig.time.advance(1000);
  t.deepEqual(judged(rig), ['chain-fork', 'quarantined']);
  t.is(rig.ledger.holding(0, lcu.present.epoch).mark.n, 32, 'both branches are stored');
});

for (const same of [true, false]) {
  test(`a gap beyond the end of its epoch is a branch that delivers, with${same ? '' : ' an answer after'} the start that names the end`, async (t) => {
    const rig = await openRig(t);
    const lcu = rig.simulate(ID, 2);
    rig.enrol(ID, testSigner(2));
    await run(rig, lcu, 3);
    const longer = lcu.image(seededRandom('image'));
    await run(rig, longer, 5);
    const gaps = [gapOf(longer.present, 8, 9)];
    lcu.append(sampleNow(rig));
    lcu.beginEpoch();
    if (same) lcu.gaps = gaps;
    lcu.listsAll = false;
    rig.connect(lcu);
    await rig.time.advance(1000);
    t.deepEqual(judged(rig), same ? ['branch-delivers', 'quarantined'] : []);
    lcu.gaps = gaps;
    await rig.time.advance(ROUND_MS);
    t.deepEqual(judged(rig), ['branch-delivers', 'quarantined']);
  });
}

test('a unit of whose numbers both chains of a forked epoch hold nothing but a gap begins a chain of its own', async (t) => {
  const { rig, lcu: unit, twin: evicting } = await twins(t, 40);
  while (evicting.present.entries.length < 90) evicting.append({ ...sampleNow(rig), values: [evicting.present.entries.length] });
  evicting.present.floor = 80;
  evicting.gaps = [gapOf(evicting.present, 1, 80)];
  const other = evicting.image(seededRandom('other'));
  other.present.floor = 80;
  for (const [one, value] of [
    [evicting, 1],
    [other, 2],
  ] as const) {
    one.append({ ...sampleNow(rig), values: [value] });
    rig.connect(one);
    await rig.time.advance(2000);
  }
  const { epoch, entries } = unit.present;
  t.is(rig.ledger.branches(0, epoch), 2);
  rig.connect(unit);
  await rig.time.advance(2 * ROUND_MS);
  t.is(rig.ledger.branches(0, epoch), 3);
  const { mark } = rig.ledger.holding(0, branchId(epoch, 2));
  t.deepEqual([mark.n, mark.head], [entries.length, unit.present.heads.at(-1)]);
  t.deepEqual(unit.polls.at(-1)?.acks, [[epoch, entries.length, unit.present.heads.at(-1)]], 'and is acknowledged');
});
