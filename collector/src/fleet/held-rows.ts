/** Keys of one slot of the ledger, and of one LCU in it (ledger-key.ts). */
const SLOT_KEYS = 2 ** 29;
const LCU_KEYS = 2 ** 9;

/**
 * Rows of one LCU as one text, `SLOT-SLOT:COUNT` with commas between: in each slot from the first to the second the first COUNT
 * rows. Rows of an LCU have ascending ordinals in a slot, in the order in which they were stored (ledger-key.ts), so that rows
 * that come later to the same slot are told from them.
 */
export function heldText(keys: Iterable<number>): string {
  const counts = new Map<number, number>();
  for (const key of keys) {
    const { slot, ordinal } = partsOf(key);
    counts.set(slot, Math.max(counts.get(slot) ?? 0, ordinal + 1));
  }
  const runs: [from: number, to: number, count: number][] = [];
  for (const [slot, count] of [...counts].sort(([a], [b]) => a - b)) {
    const last = runs.at(-1);
    if (last?.[1] === slot - 1 && last[2] === count) last[1] = slot;
    else runs.push([slot, slot, count]);
  }
  return runs.map(([from, to, count]) => `${from}-${to}:${count}`).join(',');
}

/** Whether a row of that LCU is among them. */
export function isHeld(text: string, key: number): boolean {
  const { slot, ordinal } = partsOf(key);
  return text.split(',').some((run) => {
    const [from = NaN, to = NaN, count = NaN] = run.split(/[-:]/).map(Number);
    return slot >= from && slot <= to && ordinal < count;
  });
}

function partsOf(key: number): { slot: number; ordinal: number } {
  return { slot: Math.floor(key / SLOT_KEYS), ordinal: key % LCU_KEYS };
}
