import { cutSigned, parseMessage, POLL, sameBytes } from '@farola/shared';
import { branchId, branchName, epochOf } from '../branch-id.js';
import { ACKNOWLEDGED, type Covered, type CoveredChain, coveredBy, type EpochAck, saysItHad } from './acknowledged.js';
import type { EpochHolding } from '../ledger/epoch-holding.js';
import type { Finding } from './finding.js';
import type { LedgerMonth, LedgerMonths, OwnedSpan, StoredEpoch, StoredPiece } from '../ledger/ledger-month.js';
import type { RowProver } from './prove-row.js';
import { clip } from '../ledger/spans.js';
import { isUnreadable } from './walk-rows.js';

/** What a file says of one epoch. */
export interface AuditedEpoch extends Covered {
  readonly epoch: StoredEpoch;
  /** Up to which entry holes are among the findings, as acknowledged. */
  readonly acknowledged: number;
  readonly findings: readonly Finding[];
}

/**
 * Holds the tables of a file against each other for one epoch: no entry owned twice (bytes may come after a gap that
 * covers them; what rows of other files own, audit-seams.ts puts together), every range and gap with its row, what was carried
 * as older files have it, what a branch shares with the heads of the chain that has it, heads that are told as they are, and nothing gone that a later poll
 * acknowledged.
 */
export function auditEpoch(
  epoch: StoredEpoch,
  month: LedgerMonth,
  months: Pick<LedgerMonths, 'heldBefore' | 'headAt'>,
  prover: Pick<RowProver, 'nameOf'>,
): AuditedEpoch {
  const pieces = month.pieces(epoch.epochNo);
  const told = tellOf(epoch, month.month, prover);
  const findings: Finding[] = [];
  const { holes, last } = coveredBy(pieces);
  const lastOf: Record<StoredPiece['of'], number> = { range: 0, gap: 0, carried: 0, shared: 0 };
  for (const piece of pieces) {
    const { from, to, key } = piece;
    const twiceTo = Math.min(lastOf[piece.of], to);
    if (from <= twiceTo) findings.push(told('damaged', 'owned twice', { from, to: twiceTo, ...keyOf(key) }));
    lastOf[piece.of] = Math.max(lastOf[piece.of], to);
    if (!piece.hasRow) findings.push(told('gone', `the row of this ${piece.of} is gone`, { from, to, ...keyOf(key) }));
  }
  findings.push(...toldFindings(epoch, pieces, month, months, told));
  findings.push(...carriedFindings(epoch, month, months, told));
  findings.push(...sharedFindings(epoch, pieces, month, months, told));
  const ack = holes.length === 0 ? undefined : ackOf(epoch, pieces, { holes, last }, month, months);
  if (ack) for (const part of clip(holes, 1, ack.n)) findings.push(told('gone', ACKNOWLEDGED, { ...part, key: ack.key }));
  return { epoch, holes, last, acknowledged: ack?.n ?? 0, findings };
}

/** As `auditEpoch`; where the file cannot be read for it, a finding that says so. */
export function tryAuditEpoch(
  epoch: StoredEpoch,
  month: LedgerMonth,
  months: Pick<LedgerMonths, 'heldBefore' | 'headAt'>,
  prover: Pick<RowProver, 'nameOf'>,
): AuditedEpoch | Finding {
  try {
    return auditEpoch(epoch, month, months, prover);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    const what = `what the tables say of it cannot be held against its rows: ${String(error.facts['reason'])}`;
    return tellOf(epoch, month.month, prover)('damaged', what, {});
  }
}

type Tell = (kind: Finding['kind'], what: string, also: Partial<Finding>) => Finding;

function tellOf({ lcuNo, epoch }: StoredEpoch, month: string, prover: Pick<RowProver, 'nameOf'>): Tell {
  const lcu = prover.nameOf(lcuNo) ?? `number ${lcuNo}`;
  return (kind, what, also) => ({ kind, what, month, lcu, epoch: branchName(epoch), ...also });
}

function keyOf(key: number | null): { key?: number } {
  return key === null ? {} : { key };
}

/** What older files hold that was not carried is damage; what was carried and no older file holds is gone. */
function carriedFindings(
  { lcuNo, epoch, epochNo }: StoredEpoch,
  month: LedgerMonth,
  months: Pick<LedgerMonths, 'heldBefore'>,
  told: Tell,
): Finding[] {
  const carried = tryCarried(month, epochNo);
  if (!carried) return [told('damaged', 'what was carried into this file contradicts itself', {})];
  const held = tryHeldBefore(month, months, lcuNo, epoch);
  if (!held) return [];
  const gone = carried.runs.flatMap(({ from, to }) => held.missing(from, to));
  const lost = held.runs.flatMap(({ from, to }) => carried.missing(from, to));
  const other = held.runs.filter((run) => {
    return carried.runs.some((one) => one.from === run.from && one.to === run.to && !sameEnds(one, run));
  });
  return [
    ...gone.map((part) => told('gone', 'held by an older file, which is not here or lost it', part)),
    ...lost.map((part) => told('damaged', 'older files hold it, and it was not carried into this one', part)),
    ...other.map(({ from, to }) => told('damaged', 'carried with other hashes than older files have', { from, to })),
  ];
}

/** Undefined where older files cannot tell: that is found where they are proven. */
function tryHeldBefore(
  { month }: LedgerMonth,
  months: Pick<LedgerMonths, 'heldBefore'>,
  lcuNo: number,
  epoch: Uint8Array,
): EpochHolding | undefined {
  try {
    return months.heldBefore(month, lcuNo, epoch);
  } catch (error) {
    if (isUnreadable(error) || error instanceof RangeError) return undefined;
    throw error;
  }
}

function tryCarried(month: LedgerMonth, epochNo: number): EpochHolding | undefined {
  try {
    return month.carried(epochNo);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

type Ends = Readonly<Record<'prev' | 'head', Uint8Array>>;

function sameEnds(one: Ends, other: Ends): boolean {
  return sameBytes(one.prev, other.prev) && sameBytes(one.head, other.head);
}

/** The heads between which a stretch is shared are those of the chain that has it, and of the branch where it goes on. */
function sharedFindings(
  { lcuNo, epoch }: StoredEpoch,
  pieces: readonly StoredPiece[],
  month: LedgerMonth,
  months: Pick<LedgerMonths, 'headAt'>,
  told: Tell,
): Finding[] {
  const chains = pieces.some(({ source }) => source !== null) ? month.chains(lcuNo, epoch) : [];
  const held = chains.map(({ epochNo }) => coveredBy(month.pieces(epochNo).filter(({ source }) => source === null)));
  return pieces.flatMap((piece) => {
    const { from, to, key, source, prev, head } = piece;
    if (source === null) return [];
    const at = { from, to, ...keyOf(key) };
    if (sameBytes(branchId(epochOf(epoch), source), epoch)) return [told('damaged', 'shared with itself', at)];
    const ofSource = [from - 1, to].map((n) => tryHead(() => months.headAt(lcuNo, branchId(epochOf(epoch), source), n)));
    const lacked = ofSource[1] ? lackedIn(held[source], { from, to }) : [{ from, to }];
    if (lacked.length > 0)
      return lacked.map((part) => told('gone', 'shared with a chain that does not hold it', { ...at, ...part }));
    const ofBranch = [from - 1, to].map((n) => tryHead(() => months.headAt(lcuNo, epoch, n)));
    const agrees = [ofBranch, [prev, head]].every((ends) => ends.every((end, i) => agree(end ?? undefined, ofSource[i])));
    return agrees ? [] : [told('damaged', 'shared with a chain that has other hashes', at)];
  });
}

/** The parts of from..to that a chain does not have as its own. */
function lackedIn(held: Covered | undefined, { from, to }: OwnedSpan): readonly OwnedSpan[] {
  if (!held) return [{ from, to }];
  const { holes, last } = held;
  return clip(last < to ? [...holes, { from: last + 1, to }] : holes, from, to);
}

/** Two hashes that are both known are one. */
function agree(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return !one || !other || sameBytes(one, other);
}

/** The ends of gaps and of what was carried are told; every head that is told is that of its gap, or of the entries. */
function toldFindings(
  { lcuNo, epoch, epochNo }: StoredEpoch,
  pieces: readonly StoredPiece[],
  month: LedgerMonth,
  months: Pick<LedgerMonths, 'headAt'>,
  told: Tell,
): Finding[] {
  const rows = month.told(epochNo);
  if (!rows) return [];
  const heads = new Map(rows.map(({ n, head }) => [n, head]));
  const findings: Finding[] = [];
  const ends = pieces.flatMap(({ of, from, to, prev, head }): (readonly [number, Uint8Array])[] =>
    of === 'shared' || !prev || !head
      ? []
      : [
          [from - 1, prev],
          [to, head],
        ],
  );
  for (const [n, end] of ends) {
    // Where one gap ends, another may begin: the head is that of both.
    const head = heads.get(n);
    if (!head) findings.push(told('gone', 'the hash at this end of a gap, or of what was carried, is told no more', at(n)));
    else if (!sameBytes(head, end))
      findings.push(told('damaged', 'its told hash is not that of the gap, or of what was carried', at(n)));
  }
  const known = new Set(ends.map(([n]) => n));
  for (const [n, head] of heads) {
    if (
      !known.has(n) &&
      !agree(
        tryHead(() => months.headAt(lcuNo, epoch, n)),
        head,
      )
    )
      findings.push(told('damaged', 'its told hash is not that of its entries', at(n)));
  }
  return findings;
}

function at(n: number): { from: number; to: number } {
  return { from: n, to: n };
}

/** Undefined where the row cannot be read: that is found where it is proven. */
function tryHead(head: () => Uint8Array | undefined): Uint8Array | undefined {
  try {
    return head();
  } catch (error) {
    if (isUnreadable(error)) return undefined;
    throw error;
  }
}

/** The ack of a chain that its newest row carries: its poll acknowledged what was stored before it, of the chain or of another. */
function ackOf(
  { lcuNo, epoch, epochNo }: StoredEpoch,
  pieces: readonly StoredPiece[],
  covered: Covered,
  month: LedgerMonth,
  months: Pick<LedgerMonths, 'headAt'>,
): (EpochAck & { readonly key: number }) | undefined {
  const key = pieces.reduce((most, piece) => Math.max(most, piece.key ?? -1), -1);
  const row = month.row(key);
  const cut = row && cutSigned(row.poll);
  const poll = cut?.ok ? parseMessage(POLL, cut.value.payload) : undefined;
  const signed = poll?.ok ? poll.value.acks.find(([of]) => sameBytes(of, epochOf(epoch))) : undefined;
  if (!signed) return undefined;
  const ack = { n: signed[1], head: signed[2], key };
  const chainOf = (id: Uint8Array, held: Covered): CoveredChain => ({
    ...held,
    headAt: (n) => tryHead(() => months.headAt(lcuNo, id, n)),
  });
  const others = month.chains(lcuNo, epoch).filter((one) => one.epochNo !== epochNo);
  const beside = others.map((one) => chainOf(one.epoch, coveredBy(month.pieces(one.epochNo))));
  const of = row && sameBytes(epochOf(row.epoch), epochOf(epoch)) ? row.epoch : epochOf(epoch);
  return saysItHad(ack, chainOf(epoch, covered), beside, sameBytes(of, epoch)) ? ack : undefined;
}
