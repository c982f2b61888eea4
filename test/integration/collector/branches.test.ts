import test, { type ExecutionContext } from 'ava';
import { type SampleEntry, toHex } from '@farola/shared';
import { branchId } from '@farola/collector/branch-id.js';
import type { SimulatedLcu } from '#scripts/simulated-lcu.js';
import { type CollectorRig, openRig, ROUND_MS } from '../../fakes/collector-rig.js';
import { seededRandom } from '../../fakes/seeded-random.js';
import { testSigner } from '../../fakes/test-signer.js';

const ID = 'malaga-0042';

function sampleNow(rig: CollectorRig, value: number): SampleEntry {
  return { kind: 'sample', at: rig.time.now(), analyser: 0, spanMs: 1, status: 'complete', values: [value] };
}

/** Samples of one second each. */
async function run(rig: CollectorRig, lcu: SimulatedLcu, seconds: number, value: number): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    await rig.time.advance(1000);
    lcu.append(sampleNow(rig, value));
  }
}

/** Two units with one key in one epoch, of which they share so many entries. */
async function twins(
  t: ExecutionContext,
  shared: number,
  rig?: CollectorRig,
): Promise<{ rig: CollectorRig; unit: SimulatedLcu; thief: SimulatedLcu }> {
  const on = rig ?? (await openRig(t));
  const unit = on.simulate(ID, 2);
  on.enrol(ID, testSigner(2));
  await run(on, unit, shared - 1, 1);
  return { rig: on, unit, thief: unit.image(seededRandom('thief')) };
}

async function visit(rig: CollectorRig, lcu: SimulatedLcu): Promise<void> {
  rig.connect(lcu);
  await rig.time.advance(2000);
}

/** Runs of the chains that are stored of the present epoch of a unit, the first first. */
function chains(rig: CollectorRig, { present: { epoch } }: SimulatedLcu): string[] {
  return Array.from({ length: rig.ledger.branches(0, epoch) }, (_, branch) =>
    rig.ledger
      .holding(0, branchId(epoch, branch))
      .runs.map(({ from, to }) => `${from}-${to}`)
      .join(' '),
  );
}

/** What of a unit is stored byte for byte in the chain with this number. */
function storedOf(rig: CollectorRig, { present }: SimulatedLcu, branch: number): number {
  const id = branchId(present.epoch, branch);
  const isStored = (n: number): boolean => {
    const head = rig.ledger.headAt(0, id, n);
    return head !== undefined && toHex(head) === toHex(present.heads[n]!) && rig.ledger.rowOf(0, id, n) !== undefined;
  };
  return present.entries.filter((_, i) => isStored(i + 1)).length;
}

/** Up to which entry of its present epoch the last poll acknowledged to a unit what it has. */
function acknowledged({ polls, present }: SimulatedLcu): number {
  const ack = polls.at(-1)?.acks.find(([epoch]) => toHex(epoch) === toHex(present.epoch));
  return ack && toHex(ack[2]) === toHex(present.heads[ack[1]] ?? new Uint8Array(0)) ? ack[1] : 0;
}

function codes(rig: CollectorRig): string[] {
  return rig.ledger.judgements(0).map(({ code }) => code);
}

function latest(rig: CollectorRig): string | undefined {
  rig.writer.flush();
  const [sample] = rig.state.derived.latest(0);
  return sample && `${toHex(sample.epoch)} ${sample.n}`;
}

test('security: what the true unit delivers after a thief was first is stored and acknowledged, and none of it counts', async (t) => {
  const { rig, unit, thief } = await twins(t, 10);
  await run(rig, thief, 10, 666);
  await visit(rig, thief);
  t.deepEqual(chains(rig, unit), ['1-20']);
  await run(rig, unit, 5, 2);
  await visit(rig, unit);
  t.deepEqual(codes(rig), ['chain-fork', 'quarantined']);
  t.is(rig.fleet.find(ID)?.state, 'quarantined');
  t.deepEqual(chains(rig, unit), ['1-20', '1-15']);
  t.is(storedOf(rig, unit, 1), 15);
  t.is(storedOf(rig, thief, 0), 20);
  const [{ facts, kept } = {}] = rig.ledger.judgements(0);
  t.like(facts, { epoch: toHex(unit.present.epoch) });
  t.true((kept?.answer.length ?? 0) > 0);
  const before = latest(rig);
  await run(rig, unit, 5, 2);
  await rig.time.advance(ROUND_MS);
  t.is(acknowledged(unit), 15, 'by the first poll of the round');
  await rig.time.advance(ROUND_MS);
  t.is(acknowledged(unit), 20);
  t.is(latest(rig), before, 'nothing of it is the present state');
  t.is(rig.contact(rig.fleet.find(ID)!)?.verdict, 'ok');
  t.is(rig.contact(rig.fleet.find(ID)!)?.backlog, 0);
  t.deepEqual(codes(rig), ['chain-fork', 'quarantined'], 'what is known is judged once');
  t.deepEqual(rig.refused, []);
});

test('security: two units that connect by turns both get everything stored and acknowledged, and entries that they share stored once', async (t) => {
  const { rig, unit, thief } = await twins(t, 400);
  for (let turn = 0; turn < 3; turn++) {
    for (const [lcu, value] of [
      [thief, 666],
      [unit, 2],
    ] as const) {
      await run(rig, lcu, 40, value);
      await visit(rig, lcu);
      await rig.time.advance(ROUND_MS);
      t.is(acknowledged(lcu), lcu.present.entries.length, `turn ${turn} of ${value}`);
    }
  }
  t.deepEqual(chains(rig, unit), ['1-520', '1-520']);
  t.is(storedOf(rig, unit, 1), 520);
  t.is(storedOf(rig, thief, 0), 520);
  const owned = [...rig.ledger.rows(0, 0, rig.time.now().wallMs)].flatMap(({ key }) => rig.ledger.ownedBy(key));
  t.is(
    owned.reduce((sum, { from, to }) => sum + to - from + 1, 0),
    400 + 2 * 120,
  );
});
