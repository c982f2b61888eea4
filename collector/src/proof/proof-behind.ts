import { describeFinding, type Finding } from './finding.js';
import { ledgerKeyParts, SLOT_MS } from '../ledger/ledger-key.js';
import type { DatedFinding, ProofProgress } from './proof-book.js';
import { looksAt, type ProofRecord, timeOfFinding } from './proof-record.js';

/** What is kept of all proofs of the ledger. */
export interface KnownProofs {
  readonly progress: Pick<ProofProgress, 'provenUpTo' | 'night' | 'last'>;
  /** What the nightly proof found. */
  readonly found: readonly DatedFinding[];
  /** The proofs of commands, oldest first. */
  readonly records: readonly ProofRecord[];
}

/** How the ledger behind some figures was proven. */
export interface ProofBehind {
  /** What was received before this wall time was proven at least once, ms; null where nothing was. */
  readonly provenUpToMs: number | null;
  /** When that proof came to its end, wall time, ms; null while the first night is under way. */
  readonly provenAtMs: number | null;
  readonly by: 'night' | ProofRecord['by'] | null;
  /** Places that do not agree with what was signed, and that are gone, and no proof since found in order. */
  readonly damaged: number;
  readonly gone: number;
  readonly first: Finding | undefined;
}

/** Whose figures, and since when what is behind them was received. */
export interface AskedFigures {
  readonly lcuId: string;
  readonly sinceMs: number;
}

type Unsound = 'damaged' | 'gone';

/**
 * What stands of all that proofs found. A later proof that looks at a place again tells of it anew; the nightly one, which looks again within
 * thirty nights, only adds. What a proof counted and did not keep may be of any LCU and time.
 */
export class StandingProofs {
  readonly #known: KnownProofs;
  readonly #standing: readonly Finding[];
  readonly #unnamed: Readonly<Record<Unsound, number>>;

  constructor(known: KnownProofs) {
    this.#known = known;
    const { found, records } = known;
    const isLookedAt = (finding: Finding, by: readonly ProofRecord[]): boolean => by.some((later) => looksAt(later, finding));
    const ofNights = found.filter((one) => {
      return !isLookedAt(
        one,
        records.filter(({ beganMs }) => beganMs >= one.foundAtMs),
      );
    });
    const ofCommands = records.flatMap(({ findings }, i) => {
      const later = records.slice(i + 1);
      return findings.filter((one) => !isLookedAt(one, later));
    });
    const named = [...ofCommands, ...ofNights].filter(({ kind }) => kind !== 'owed');
    this.#standing = [...new Map(named.map((one) => [describeFinding(one), one])).values()];
    this.#unnamed = unnamedIn(known);
  }

  /** How what is behind the figures of some LCUs was proven. */
  behind(asked: readonly AskedFigures[]): ProofBehind {
    const own = this.#standing.filter((finding) => {
      const [, lastMs] = timeOfFinding(finding);
      return asked.some(({ lcuId, sinceMs }) => (finding.lcu === undefined || finding.lcu === lcuId) && lastMs >= sinceMs);
    });
    const count = (kind: Unsound): number => own.filter((one) => one.kind === kind).length + this.#unnamed[kind];
    const first = own.find(({ kind }) => kind === 'damaged') ?? own[0];
    return { ...this.#furthest(asked.map(({ lcuId }) => lcuId)), damaged: count('damaged'), gone: count('gone'), first };
  }

  /** The proof that reaches furthest; of some that reach as far, the newest. */
  #furthest(lcuIds: readonly string[]): Pick<ProofBehind, 'provenUpToMs' | 'provenAtMs' | 'by'> {
    const { progress, records } = this.#known;
    const [only, ...others] = lcuIds;
    const whole = records.filter(({ span, lcu }) => span === null && (lcu === null || (lcu === only && others.length === 0)));
    const night = { upToMs: ledgerKeyParts(progress.provenUpTo).slot * SLOT_MS, endedMs: progress.last?.endedMs ?? null };
    const all = [
      ...(progress.provenUpTo > 0 ? [{ ...night, by: 'night' as const }] : []),
      ...whole.map(({ upToMs, endedMs, by }) => ({ upToMs, endedMs, by })),
    ];
    const [best] = all.toSorted((a, b) => b.upToMs - a.upToMs || (b.endedMs ?? 0) - (a.endedMs ?? 0));
    return { provenUpToMs: best?.upToMs ?? null, provenAtMs: best?.endedMs ?? null, by: best?.by ?? null };
  }
}

/** What was counted and is not among the findings that are kept, by proofs that no later one of all redid. */
function unnamedIn({ progress: { last }, found, records }: KnownProofs): Record<Unsound, number> {
  const unnamed: Record<Unsound, number> = { damaged: 0, gone: 0 };
  const isAll = ({ lcu, span }: ProofRecord): boolean => lcu === null && span === null;
  const add = (counts: Readonly<Record<Unsound, number>>, kept: readonly Finding[]): void => {
    for (const kind of ['damaged', 'gone'] as const) {
      unnamed[kind] += Math.max(0, counts[kind] - kept.filter((one) => one.kind === kind).length);
    }
  };
  const from = records.findLastIndex(isAll);
  for (const { counts, findings } of records.slice(Math.max(0, from))) add(counts, findings);
  if (last && !records.some((one) => isAll(one) && one.beganMs >= last.endedMs)) {
    add(
      last.counts,
      found.filter(({ foundAtMs }) => foundAtMs >= last.beganMs),
    );
  }
  return unnamed;
}
