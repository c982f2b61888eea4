import { fromHex, type Verify } from '@farola/shared';
import type { CollectorConfig } from '../config.js';
import { openRelease, type ReleaseTrust } from '../trust/open-release.js';
import { ReleaseBook } from './release-book.js';
import type { Releases } from './releases.js';

/** The release keys that a configuration trusts. */
export function trustOf({ releases: { keys, threshold } }: Pick<CollectorConfig, 'releases'>): ReleaseTrust {
  return { keys: keys.map(fromHex), threshold };
}

/** What is said of code hashes, as it was last read. */
export class CurrentReleases {
  readonly #releases: Pick<Releases, 'all'>;
  readonly #trust: ReleaseTrust;
  readonly #verify: Verify;
  #book: ReleaseBook;

  constructor(releases: Pick<Releases, 'all'>, trust: ReleaseTrust, verify: Verify) {
    this.#releases = releases;
    this.#trust = trust;
    this.#verify = verify;
    this.#book = this.read();
  }

  get book(): ReleaseBook {
    return this.#book;
  }

  /** Reads it again, after a change of the fleet. Errors: those of the store; then what was read before stands. */
  read(): ReleaseBook {
    const stored = this.#releases.all();
    this.#book = new ReleaseBook(stored, (file) => openRelease(file, this.#trust, this.#verify));
    return this.#book;
  }
}
