/**
 * What is wrong: `damaged`, bytes or tables that do not agree; `gone`, something that was here and is not; `owed`, entries
 * that an LCU made and that never came.
 */
export type FindingKind = 'damaged' | 'gone' | 'owed';

/** One thing that a proof of the ledger found. */
export interface Finding {
  readonly kind: FindingKind;
  /** What does not agree, or what is missing. */
  readonly what: string;
  /** The file, `YYYY-MM`. */
  readonly month: string;
  /** Name of the LCU, or its number as text where the fleet does not know it. */
  readonly lcu?: string;
  /** The chain as branch-id.ts writes it: the epoch in hexadecimal, of a branch with its number. */
  readonly epoch?: string;
  /** Entries that it is about. */
  readonly from?: number;
  readonly to?: number;
  /** Key of the row in `answers`. */
  readonly key?: number;
  /** When that row was received, wall time, ms. */
  readonly receivedAtMs?: number;
}

/** Most findings of one proof that are kept; the rest is counted. */
export const FINDINGS_KEPT = 200;

/** Gathers findings, the first of them whole. */
export class Findings {
  readonly #told: (finding: Finding) => void;
  readonly kept: Finding[] = [];
  readonly counts: Record<FindingKind, number> = { damaged: 0, gone: 0, owed: 0 };
  readonly #kept: Record<FindingKind, number> = { damaged: 0, gone: 0, owed: 0 };

  /** @param told of each as it is found, also of those that are counted alone */
  constructor(told: (finding: Finding) => void = () => undefined) {
    this.#told = told;
  }

  add(finding: Finding): void {
    this.#told(finding);
    this.counts[finding.kind]++;
    if (this.#kept[finding.kind]++ < FINDINGS_KEPT) this.kept.push(finding);
  }

  /** The first of a kind. */
  first(kind: FindingKind): Finding | undefined {
    return this.kept.find((one) => one.kind === kind);
  }
}

/** The code that a finding is told with. */
export function codeOfFinding({ kind }: Pick<Finding, 'kind'>): 'ledger-damaged' | 'ledger-incomplete' {
  return kind === 'damaged' ? 'ledger-damaged' : 'ledger-incomplete';
}

/** The month of a finding in a ledger without files. */
export const NO_MONTH = '-';

/** A finding in one line. */
export function describeFinding({ what, month, lcu, epoch, from, to, key, receivedAtMs }: Finding): string {
  const parts = [
    month === NO_MONTH ? 'ledger' : `${month}.db`,
    ...(lcu === undefined ? [] : [lcu]),
    ...(epoch === undefined ? [] : [`epoch ${epoch}`]),
    ...(from === undefined ? [] : [`entries ${from}..${to ?? from}`]),
    ...(key === undefined ? [] : [`row ${key}`]),
    ...(receivedAtMs === undefined ? [] : [`received ${new Date(receivedAtMs).toISOString()}`]),
  ];
  return `${parts.join(', ')}: ${what}`;
}
