/** Length of a slot of the ledger, ms: the five minutes of a round. */
export const SLOT_MS = 300_000;
/** LCUs that one collector can number. */
export const LCU_LIMIT = 2 ** 20;
/** Answers that one LCU can have in one slot. */
export const ORDINAL_LIMIT = 2 ** 9;

const SLOT_LIMIT = 2 ** 24;

/** The three parts of a ledger key. */
export interface LedgerKeyParts {
  readonly slot: number;
  readonly lcuNo: number;
  readonly ordinal: number;
}

/** The slot of a wall time: 24 bits last until the year 2129. */
export function slotOf(wallMs: number): number {
  return Math.floor(wallMs / SLOT_MS);
}

/** The month of a wall time in UTC, `YYYY-MM`: by it the files of the ledger are named. */
export function monthOf(wallMs: number): string {
  return new Date(wallMs).toISOString().slice(0, 7);
}

/**
 * `(slot * 2^20 + lcuNo) * 2^9 + ordinal`, an integer below 2^53. By multiplication, since shifts have 32 bits.
 * RangeError for a part out of its bounds.
 */
export function ledgerKey({ slot, lcuNo, ordinal }: LedgerKeyParts): number {
  checkPart(slot, SLOT_LIMIT, 'slot');
  checkPart(lcuNo, LCU_LIMIT, 'lcuNo');
  checkPart(ordinal, ORDINAL_LIMIT, 'ordinal');
  return (slot * LCU_LIMIT + lcuNo) * ORDINAL_LIMIT + ordinal;
}

/** The parts of a key. */
export function ledgerKeyParts(key: number): LedgerKeyParts {
  const rest = Math.floor(key / ORDINAL_LIMIT);
  return { slot: Math.floor(rest / LCU_LIMIT), lcuNo: rest % LCU_LIMIT, ordinal: key % ORDINAL_LIMIT };
}

function checkPart(value: number, limit: number, name: string): void {
  if (!Number.isInteger(value) || value < 0 || value >= limit) throw new RangeError(`${name} ${value} is out of bounds`);
}
