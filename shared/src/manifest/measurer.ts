import type { PlatformSources } from '../platform/linux-platform-files.js';
import type { FileChange } from './diff-manifests.js';

/** What was measured of files. */
export interface Measured {
  /** Merkle root, 32 bytes. */
  readonly hash: Uint8Array;
  /** How many files it covers. */
  readonly files: number;
  /** Against the last time that the same measurer measured the same; none at the first. */
  readonly changes: readonly FileChange[];
}

/** What is measured as the platform of a program. */
export interface PlatformRequest extends PlatformSources {
  /** Folder of the installed tree that runs: what its native modules ask for is of the platform. */
  readonly tree: string;
  /** Whether every byte is read again, also of files that look as they did. */
  readonly whole: boolean;
}

/**
 * Port: measures files without holding up the loop that asks. Any number of callers; one is served after the other.
 * Errors are those of `measureTree` and `measureFiles`; `internal` when it cannot work at all.
 */
export interface Measurer {
  /** The code hash of the tree at this folder. */
  tree(root: string): Promise<Measured>;
  /** The platform hash of what this program runs on. */
  platform(request: PlatformRequest): Promise<Measured>;
  close(): Promise<void>;
}
