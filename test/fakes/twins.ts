import type { ExecutionContext } from 'ava';
import { chainHeads, cutFrame, cutItems, KINDS, sameBytes, type SampleEntry, toHex } from '@farola/shared';
import { branchId } from '@farola/collector/branch-id.js';
import type { Span } from '@farola/collector/ledger/spans.js';
import type { SimulatedLcu } from '#scripts/simulated-lcu.js';
import { type CollectorRig, openRig, type RigOptions } from './collector-rig.js';
import { seededRandom } from './seeded-random.js';
import { testSigner } from './test-signer.js';

export const ID = 'malaga-0042';
const NO_HEAD = new Uint8Array(0);

function sampleNow(rig: CollectorRig, value: number): SampleEntry {
  return { kind: 'sample', at: rig.time.now(), analyser: 0, spanMs: 1, status: 'complete', values: [value] };
}

/** Samples of one second each. */
export async function run(rig: CollectorRig, lcu: SimulatedLcu, seconds: number, value: number): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    await rig.time.advance(1000);
    lcu.append(sampleNow(rig, value));
  }
}

/** Two units with one key in one epoch, and the collector that both connect to. */
export interface Twins {
  readonly rig: CollectorRig;
  readonly unit: SimulatedLcu;
  readonly thief: SimulatedLcu;
}

/** Makes them. @param shared entries that both have */
export async function twins(t: ExecutionContext, shared: number, options: RigOptions = {}): Promise<Twins> {
  const rig = await openRig(t, options);
  const unit = rig.simulate(ID, 2);
  rig.enrol(ID, testSigner(2));
  await run(rig, unit, shared - 1, 1);
  return { rig, unit, thief: unit.image(seededRandom('thief')) };
}

/** Connects it, and gives it some seconds. */
export async function visit(rig: CollectorRig, lcu: SimulatedLcu): Promise<void> {
  rig.connect(lcu);
  await rig.time.advance(2000);
}

/** Runs of the chains that are stored of the present epoch of a unit, the first first. */
export function chains(rig: CollectorRig, { present: { epoch } }: SimulatedLcu): string[] {
  return Array.from({ length: rig.ledger.branches(0, epoch) }, (_, branch) =>
    rig.ledger
      .holding(0, branchId(epoch, branch))
      .runs.map(({ from, to }) => `${from}-${to}`)
      .join(' '),
  );
}

/**
 * How many entries of a unit are stored byte for byte in the chain with this number. Each row is read and hashed once, and at
 * both ends of what it owns the ledger must tell the head that this gives.
 */
export function storedOf({ ledger }: CollectorRig, { present: { epoch, entries, heads } }: SimulatedLcu, branch: number): number {
  const id = branchId(epoch, branch);
  const shared = ledger.sharedOf(0, id);
  let stored = 0;
  let next = 1;
  while (next <= entries.length) {
    const from = next;
    const row = ledger.rowOf(0, id, from);
    next =
      row === undefined ? from + 1 : endOfOwned(ledger.ownedBy(row.key), sameBytes(row.epoch, id) ? undefined : shared, from) + 1;
    if (row === undefined) continue;
    const rowHeads = chainHeads(row.base, cutItems(row.entries).items).slice(from - row.first + 1, next - row.first + 1);
    for (const [n, head] of [
      [from, rowHeads[0]],
      [next - 1, rowHeads.at(-1)],
    ] as const) {
      const told = ledger.headAt(0, id, n);
      if (!told || !head || !sameBytes(told, head)) throw new Error(`h(${n}) of a chain and of its row differ`);
    }
    stored += rowHeads.filter((head, i) => sameBytes(head, heads[from + i] ?? NO_HEAD)).length;
  }
  return stored;
}

/** The last entry of the stretch from n on that a row owns, and a chain shares where it is of another. */
function endOfOwned(owned: readonly Span[], shared: readonly Span[] | undefined, n: number): number {
  const ends = [owned, shared ?? [{ from: n, to: Infinity }]].map(
    (spans) => spans.find(({ from, to }) => from <= n && n <= to)?.to ?? n,
  );
  return Math.min(...ends);
}

/** Up to which entry of its present epoch the last poll acknowledged to a unit what it has. */
export function acknowledged({ polls, present }: SimulatedLcu): number {
  const ack = polls.at(-1)?.acks.find(([epoch]) => toHex(epoch) === toHex(present.epoch));
  return ack && toHex(ack[2]) === toHex(present.heads[ack[1]] ?? new Uint8Array(0)) ? ack[1] : 0;
}

/** What was judged, oldest first. */
export function codes(rig: CollectorRig): string[] {
  return rig.ledger.judgements(0).map(({ code }) => code);
}

/** Epoch and number of the latest sample. */
export function latest(rig: CollectorRig): string | undefined {
  rig.writer.flush();
  const [sample] = rig.state.derived.latest(0);
  return sample && `${toHex(sample.epoch)} ${sample.n}`;
}

/** Frames to a simulated LCU until it was asked so many polls: it answers no more. */
export function pollsUntil(
  lcu: SimulatedLcu,
  most: number,
): (frame: Uint8Array) => ReturnType<SimulatedLcu['receive']> | undefined {
  let polls = 0;
  return (frame) => (cutFrame(frame).kind === KINDS.poll.number && ++polls > most ? undefined : lcu.receive(frame));
}

/** Numbers below a limit, always the same by a seed. */
export function numbersFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 0x9e3779b9) >>> 0;
    const mixed = Math.imul(state ^ (state >>> 16), 0x45d9f3b);
    return ((mixed ^ (mixed >>> 16)) >>> 0) % below;
  };
}
