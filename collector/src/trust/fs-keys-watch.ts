import type { CollectorKeys } from './fs-collector-keys.js';
import { loadCollectorKeys } from './fs-collector-keys.js';
import { statementNames } from './fs-key-files.js';
import { readRotation, removeRetiredKeys, type Rotation, switchKeys } from './fs-rotation.js';

/** Looks at the keys folder for a running collector: commands change it, and a rotation ends by itself. */
export class FsKeysWatch {
  readonly #folder: string;
  readonly #collectorId: string;
  #seen: string | undefined;

  constructor(folder: string, collectorId: string) {
    this.#folder = folder;
    this.#collectorId = collectorId;
  }

  /**
   * The keys when they are others than at the last look; undefined when they are the same. Ends an open rotation that is due
   * since such a look told of it, and removes private keys that are used no more. Errors as `loadCollectorKeys`.
   */
  async look(isDue: (rotation: Rotation) => boolean): Promise<CollectorKeys | undefined> {
    const newest = (await statementNames(this.#folder)).at(-1);
    if (newest === this.#seen) return this.#endRotation(isDue);
    const keys = await loadCollectorKeys(this.#folder, this.#collectorId);
    await removeRetiredKeys(this.#folder, this.#collectorId);
    this.#seen = newest;
    return keys;
  }

  async #endRotation(isDue: (rotation: Rotation) => boolean): Promise<undefined> {
    const rotation = await readRotation(this.#folder, this.#collectorId);
    if (rotation && isDue(rotation)) await switchKeys(this.#folder, this.#collectorId);
  }
}
