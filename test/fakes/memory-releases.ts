import type { Releases, StoredRelease } from '@farola/collector/fleet/releases.js';
import { sameBytes } from '@farola/shared';

/** Releases that are forgotten. */
export class MemoryReleases implements Releases {
  #stored: readonly StoredRelease[] = [];

  put(codeHash: Uint8Array, file: Uint8Array, atMs: number): void {
    this.#set({ codeHash, file, addedAtMs: atMs, revoked: this.#find(codeHash)?.revoked ?? null });
  }

  revoke(codeHash: Uint8Array, reason: string, atMs: number, file?: Uint8Array): void {
    if (file) this.put(codeHash, file, atMs);
    const known = this.#find(codeHash) ?? { codeHash, file: null, addedAtMs: atMs, revoked: null };
    this.#set({ ...known, revoked: known.revoked ?? { atMs, reason } });
  }

  all(): readonly StoredRelease[] {
    return this.#stored.toSorted((a, b) => a.addedAtMs - b.addedAtMs || Buffer.compare(a.codeHash, b.codeHash));
  }

  #find(codeHash: Uint8Array): StoredRelease | undefined {
    return this.#stored.find((one) => sameBytes(one.codeHash, codeHash));
  }

  #set(release: StoredRelease): void {
    this.#stored = [...this.#stored.filter((one) => !sameBytes(one.codeHash, release.codeHash)), release];
  }
}
