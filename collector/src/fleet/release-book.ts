import { type Release, RELEASE_STATE, type Result, sameBytes } from '@farola/shared';
import type { StoredRelease } from './releases.js';

/** What is thought of the code of an LCU, at the moment of asking. */
export interface CodeMark {
  readonly mark: 'approved' | 'unknown' | 'revoked' | 'unmeasured';
  /** Product and version, where a release names them. */
  readonly name?: string;
  /** Why an approval that once was does not count, or why it was revoked. */
  readonly reason?: string;
}

/** One code hash of the book. */
export interface BookedRelease {
  readonly codeHash: Uint8Array;
  /** What the release keys say; undefined when nothing that is trusted now does. */
  readonly release: Release | undefined;
  /** Why it is revoked; undefined when it is not. */
  readonly revoked: string | undefined;
  /** Code of why its statement is not trusted (any more). */
  readonly untrusted: string | undefined;
}

/**
 * Everything that is said of code hashes, opened with the keys that are trusted now: an approval is never a stored "pass".
 * Looking a hash up costs the same however many there are, and makes nothing.
 */
export class ReleaseBook {
  readonly entries: readonly BookedRelease[];
  readonly #byStart = new Map<number, BookedRelease[]>();

  /** @param open opens a release file with the keys that are trusted now */
  constructor(stored: readonly StoredRelease[], open: (file: Uint8Array) => Result<Release>) {
    this.entries = stored.map((one) => booked(one, open));
    for (const entry of this.entries) {
      const start = startOf(entry.codeHash);
      this.#byStart.set(start, [...(this.#byStart.get(start) ?? []), entry]);
    }
  }

  /** What is known of a code hash; undefined when nothing is. */
  find(codeHash: Uint8Array): BookedRelease | undefined {
    const entries = this.#byStart.get(startOf(codeHash));
    if (!entries) return undefined;
    for (const entry of entries) if (sameBytes(entry.codeHash, codeHash)) return entry;
    return undefined;
  }

  /** Why a code hash is revoked, whatever else is said of it; undefined when it is not. */
  revoked(codeHash: Uint8Array): { readonly name: string; readonly reason: string } | undefined {
    const found = this.find(codeHash);
    if (found?.revoked === undefined) return undefined;
    return { name: found.release ? nameOf(found.release) : 'no known release', reason: found.revoked };
  }

  /** What is thought of a code hash now; null is code that the LCU did not measure. @param nowMs wall time */
  mark(codeHash: Uint8Array | null, nowMs: number): CodeMark {
    if (codeHash === null) return { mark: 'unmeasured' };
    const found = this.find(codeHash);
    if (!found) return { mark: 'unknown' };
    const { release, revoked, untrusted } = found;
    const name = release && { name: nameOf(release) };
    if (revoked !== undefined) return { mark: 'revoked', ...name, reason: revoked };
    if (!release) return { mark: 'unknown', reason: `its release is not trusted: ${untrusted ?? ''}` };
    if (release.expiresAt > nowMs) return { mark: 'approved', ...name };
    return {
      mark: 'unknown',
      ...name,
      reason: `its release expired on ${new Date(release.expiresAt).toISOString().slice(0, 10)}`,
    };
  }
}

/** Product and version of a release. */
export function nameOf({ product, productVersion }: Release): string {
  return `${product} ${productVersion}`;
}

function booked({ codeHash, file, revoked }: StoredRelease, open: (file: Uint8Array) => Result<Release>): BookedRelease {
  const opened = file && open(file);
  const release = opened?.ok === true && sameBytes(opened.value.codeHash, codeHash) ? opened.value : undefined;
  const byKeys = release?.releaseState === RELEASE_STATE.revoked ? 'by its release keys' : undefined;
  return { codeHash, release, revoked: revoked?.reason ?? byKeys, untrusted: opened?.ok === false ? opened.code : undefined };
}

/** The first six bytes as a number, which a map finds without anything being made. */
function startOf(hash: Uint8Array): number {
  let start = 0;
  for (let i = 0; i < 6; i++) start = start * 256 + (hash[i] ?? 0);
  return start;
}
