import type { FileChange } from './diff-manifests.js';

/** What was measured of files. */
export interface Measured {
  /** Merkle root, 32 bytes. */
  readonly hash: Uint8Array;
  /** How many files it covers. */
  readonly files: number;
}

/** What was measured of a tree. */
export interface MeasuredTree extends Measured {
  /** Against the last time that the same measurer saw it; none at the first. */
  readonly changes: readonly FileChange[];
}

/**
 * Port: measures files without holding up the loop that asks. Any number of callers; one is served after the other.
 * Errors are those of `measureTree` and `measureFiles`; `internal` when it cannot work at all.
 */
export interface Measurer {
  /** The code hash of the tree at this folder. */
  tree(root: string): Promise<MeasuredTree>;
  /** The platform hash of these files. */
  platform(paths: readonly string[]): Promise<Measured>;
  close(): Promise<void>;
}
