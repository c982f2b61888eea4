import { isoTime, type Release, type Result, sameBytes } from '@farola/shared';
import { readRelease } from '../trust/open-release.js';
import { isRevocation, reasonOf } from './release-rules.js';
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
  /** What the kept file says, whose keys were trusted when it came in, be they now or not. */
  readonly stated: Release | undefined;
  /** Why it is revoked; undefined when it is not. */
  readonly revoked: string | undefined;
  /** Code of why its statement is not trusted (any more). */
  readonly untrusted: string | undefined;
}

/**
 * Everything that is said of code hashes, opened with the keys that are trusted now: an approval is never a stored "pass". A
 * revocation lasts, whoever is trusted later.
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
    return { name: found.stated ? nameOf(found.stated) : 'no known release', reason: found.revoked };
  }

  /** What is thought of a code hash now; null is code that the LCU did not measure. @param nowMs wall time */
  mark(codeHash: Uint8Array | null, nowMs: number): CodeMark {
    if (codeHash === null) return { mark: 'unmeasured' };
    const found = this.find(codeHash);
    if (!found) return { mark: 'unknown' };
    const { release, stated, revoked, untrusted } = found;
    const name = stated && { name: nameOf(stated) };
    if (revoked !== undefined) return { mark: 'revoked', ...name, reason: revoked };
    if (!release) return { mark: 'unknown', reason: `its release is not trusted: ${untrusted ?? ''}` };
    if (release.expiresAt > nowMs) return { mark: 'approved', ...name };
    return { mark: 'unknown', ...name, reason: `its release expired on ${isoTime(release.expiresAt).slice(0, 10)}` };
  }
}

/** Product and version of a release. */
export function nameOf({ product, productVersion }: Release): string {
  return `${product} ${productVersion}`;
}

function booked({ codeHash, file, revoked }: StoredRelease, open: (file: Uint8Array) => Result<Release>): BookedRelease {
  const read = file && readRelease(file);
  const stated = read?.ok === true && sameBytes(read.value.codeHash, codeHash) ? read.value : undefined;
  const opened = file && open(file);
  const release = opened?.ok === true ? stated : undefined;
  // A file that was kept before revocations were noted beside it revokes as well.
  const byKeys = stated && isRevocation(stated) ? reasonOf(stated) : undefined;
  const untrusted = opened?.ok === false ? opened.code : undefined;
  return { codeHash, release, stated, revoked: revoked?.reason ?? byKeys, untrusted };
}

/** The first six bytes as a number, which a map finds without anything being made. */
function startOf(hash: Uint8Array): number {
  let start = 0;
  for (let i = 0; i < 6; i++) start = start * 256 + (hash[i] ?? 0);
  return start;
}
