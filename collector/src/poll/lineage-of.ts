import { cutItems, decodeEntry, type GapRecord, type OpenEpoch, type PreviousEpoch, sameBytes, toHex } from '@farola/shared';
import type { Successor } from '../fleet/derived-state.js';
import type { HeldRange } from '../ledger/held-range.js';
import { branchIds, isFirstBranch } from '../branch-id.js';
import { EpochHolding } from '../ledger/epoch-holding.js';
import { rangeOf } from '../ledger/take-gaps.js';
import { provenHead, type ProvenRange } from '../ledger/judge-range.js';
import { type Delivered, type KnownLineage, judgeLineage, type LineageFinding, SIBLINGS } from './judge-lineage.js';
import { judgeListing } from './judge-listing.js';
import { presentEpoch } from './present-epochs.js';
import type { Session } from './session.js';
import type { TakeDeps } from './take-answer.js';
import { chainOfUnit, heldOfUnit } from './unit-chains.js';

/** What of an answer is new. */
interface NewEntries {
  /** Of the chain that the range goes to. */
  readonly id: Uint8Array;
  readonly range: ProvenRange;
  /** Number of the first new entry of the range. */
  readonly first: number;
  /** The entries from `first` on. */
  readonly items: readonly Uint8Array[];
  readonly adds: readonly HeldRange[];
  readonly gaps: readonly GapRecord[];
  /** The epochs that the answer lists, new or not. */
  readonly openEpochs: readonly OpenEpoch[];
}

/**
 * Judges what an answer lists and adds against the line of epochs: where the present one ends, once for a connection and
 * not by an answer of a branch, which ends elsewhere; then its entries, then its gaps, both only while something can
 * still follow from what they show; and where it brings something and these show nothing grave, whether the LCU had left the present one.
 */
export function lineageOf(added: NewEntries, receivedAtMs: number, session: Session, deps: TakeDeps): readonly LineageFinding[] {
  const isSettled = deps.contradictions.isSettled(session);
  const findings = isSettled ? NO_FINDINGS : ofNewEntries(added, receivedAtMs, session, deps);
  const isOfBranch = !isFirstBranch(added.id);
  const behind = session.isBehind || isOfBranch ? undefined : ofListing(added.openEpochs, session, deps);
  if (behind) session.isBehind = true;
  const all = behind ? [behind, ...findings] : findings;
  const isNothing = added.adds.length === 0 && added.gaps.length === 0;
  const left = isNothing || all.some(({ grave }) => grave) ? undefined : ofPresent(added.openEpochs, session, deps);
  return left ? [...all, left] : all;
}

/** The present epoch of an answer is stored already, and the LCU delivered from another one since. Not asked while it does not count. */
function ofPresent(openEpochs: readonly OpenEpoch[], session: Session, deps: TakeDeps): LineageFinding | undefined {
  if (!session.standing.counts) return undefined;
  const epoch = presentEpoch(openEpochs, session);
  if (!deps.presents.isAnother(session, epoch)) return undefined;
  const { holding, branches } = deps.holdings.kept(session.lcu.lcuNo, epoch);
  const { last } = holding;
  if (last === 0 && branches === 1) return undefined;
  return {
    code: 'branch-delivers',
    facts: { epoch: toHex(epoch), n: last, to: openEpochs.at(-1)?.[2] ?? last },
    grave: true,
    epoch,
  };
}

function ofListing(openEpochs: readonly OpenEpoch[], session: Session, deps: TakeDeps): LineageFinding | undefined {
  const { hello } = session;
  const listed = openEpochs.at(-1)?.[2] ?? Infinity;
  if (heldOfUnit(session, hello.epoch, deps.holdings).last <= listed) return undefined;
  return judgeListing(hello.epoch, openEpochs, knownLineage(session, deps));
}

/**
 * Of the present epoch new entries are judged once for a connection, and after each start entry: another branch can only
 * come by another connection, which would replace this one. What goes to a second chain of a forked epoch needs no finding more.
 */
function ofNewEntries(added: NewEntries, receivedAtMs: number, session: Session, deps: TakeDeps): readonly LineageFinding[] {
  const { id, range, first, items, adds, gaps } = added;
  const { epoch } = range;
  const startIsNew = adds.length > 0 && first === 1;
  if (startIsNew) session.lineageGood = false;
  const isRangeToJudge = adds.length > 0 && isFirstBranch(id) && !isKnownGood(epoch, session);
  if (!isRangeToJudge && gaps.length === 0) return NO_FINDINGS;
  const begun = startIsNew ? newStart(items[0], receivedAtMs) : undefined;
  const findings: LineageFinding[] = [];
  const judge = (part: Omit<Delivered, 'start'>, known: KnownLineage): void => {
    const start = part.startIsNew ? begun : deps.derived.start(session.lcu.lcuNo, part.epoch);
    const finding = judgeLineage({ ...part, start }, known);
    if (isPresent(part.epoch, session)) session.lineageGood = finding?.grave !== true;
    if (finding) findings.push(finding);
  };
  if (isRangeToJudge) {
    const headAt = (n: number): Uint8Array | undefined => provenHead(range, n);
    judge({ epoch, adds, startIsNew, headAt }, afterFork(begun?.previous, knownLineage(session, deps), session, deps));
  }
  for (const gap of gaps) {
    const [of, gapFrom, to, prev, head] = gap;
    if (!isFirstBranch(of) || isKnownGood(of, session)) continue;
    const headAt = (n: number): Uint8Array | undefined => (n === to ? head : n === gapFrom - 1 ? prev : undefined);
    const known = withSuccessor(knownLineage(session, deps), epoch, begun);
    judge({ epoch: of, adds: [rangeOf(gap)], startIsNew: false, headAt }, known);
  }
  return findings;
}

const NO_FINDINGS: readonly LineageFinding[] = [];

function isPresent(epoch: Uint8Array, { hello }: Session): boolean {
  return sameBytes(epoch, hello.epoch);
}

function isKnownGood(epoch: Uint8Array, session: Session): boolean {
  return session.lineageGood && isPresent(epoch, session);
}

function newStart(bytes: Uint8Array | undefined, atMs: number): { previous: PreviousEpoch | null; atMs: number } | undefined {
  const entry = bytes && decodeEntry(bytes);
  return entry?.kind === 'start' ? { previous: entry.previous, atMs } : undefined;
}

/** What is known with an epoch whose start entry comes by the same answer. */
function withSuccessor(known: KnownLineage, epoch: Uint8Array, start: Delivered['start']): KnownLineage {
  const previous = start?.previous;
  if (!start || !previous) return known;
  const added: Successor = { epoch, afterN: previous.n, atMs: start.atMs };
  return {
    ...known,
    successorsOf: (of) => [...known.successorsOf(of), ...(of && sameBytes(of, previous.epoch) ? [added] : [])],
    previousOf: (of) => (sameBytes(of, epoch) ? previous : known.previousOf(of)),
  };
}

/**
 * What is known where a new epoch follows a forked one of which its unit has not shown its chain: nothing of that one, while one
 * of the chains ends as the new epoch says, or may. What is stored beyond can be what another unit left.
 */
function afterFork(
  previous: PreviousEpoch | null | undefined,
  known: KnownLineage,
  session: Session,
  { holdings, ledger }: TakeDeps,
): KnownLineage {
  if (!previous || chainOfUnit(session, previous.epoch, holdings)) return known;
  const { epoch, n, head } = previous;
  const { lcuNo } = session.lcu;
  const mayEndSo = branchIds(epoch, holdings.kept(lcuNo, epoch).branches).some((id) => {
    const held = ledger.headAt(lcuNo, id, n);
    return !held || sameBytes(held, head);
  });
  if (!mayEndSo) return known;
  return {
    ...known,
    holdingOf: (of) => (sameBytes(of, epoch) ? EpochHolding.EMPTY : known.holdingOf(of)),
    headAt: (of, at) => (sameBytes(of, epoch) ? undefined : known.headAt(of, at)),
  };
}

/** Of a forked epoch the chain of this unit, if it has shown which, else the first. */
function knownLineage(session: Session, { holdings, ledger, derived }: TakeDeps): KnownLineage {
  const { lcu, keyFromMs } = session;
  const { lcuNo } = lcu;
  const idOf = (epoch: Uint8Array): Uint8Array => chainOfUnit(session, epoch, holdings) ?? epoch;
  return {
    holdingOf: (epoch) => holdings.of(lcuNo, idOf(epoch)),
    headAt: (epoch, n) => ledger.headAt(lcuNo, idOf(epoch), n),
    entryAt(epoch, n) {
      const row = ledger.rowOf(lcuNo, idOf(epoch), n);
      return row && cutItems(row.entries).items[n - row.first];
    },
    successorsOf: (epoch) => derived.successors(lcuNo, epoch, { limit: SIBLINGS + 1, fromMs: epoch ? 0 : keyFromMs }),
    previousOf: (epoch) => derived.start(lcuNo, epoch)?.previous,
  };
}
