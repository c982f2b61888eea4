import { joinBytes, toHex } from '@farola/shared';

/** Length of an epoch, bytes. */
const EPOCH_BYTES = 8;

/** Chains of one epoch that are stored at the most, beside one under a later key (docs/decisions/032-branches.md). */
export const BRANCH_LIMIT = 8;

/** So many chains an epoch may have at once; before each further one it waits. */
export const BRANCHES_AT_ONCE = 3;

/** How long after the last that began so the next may, ms. */
export const BRANCH_PAUSE_MS = 3_600_000;

/**
 * What a chain of an epoch is stored under: the first by the epoch itself, each further one, a branch, by the epoch and one
 * byte more, its number from 1. So whatever is kept by epoch keeps branches apart.
 */
export function branchId(epoch: Uint8Array, branch: number): Uint8Array {
  return branch === 0 ? epoch : joinBytes(epoch, Uint8Array.of(branch));
}

/** The ids of so many chains of an epoch, the first first. */
export function branchIds(epoch: Uint8Array, count: number): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, branch) => branchId(epoch, branch));
}

/** The epoch of a chain, as its LCU signs it. */
export function epochOf(id: Uint8Array): Uint8Array {
  return isFirstBranch(id) ? id : id.subarray(0, EPOCH_BYTES);
}

/** The number of a chain among those of its epoch, from 0. */
export function branchOf(id: Uint8Array): number {
  return id[EPOCH_BYTES] ?? 0;
}

/** Whether a chain is the first that was stored of its epoch. Only such count. */
export function isFirstBranch(id: Uint8Array): boolean {
  return id.length <= EPOCH_BYTES;
}

/** A chain in writing: its epoch in hexadecimal, and of a branch `/1` behind it. */
export function branchName(id: Uint8Array): string {
  return isFirstBranch(id) ? toHex(id) : `${toHex(epochOf(id))}/${branchOf(id)}`;
}
