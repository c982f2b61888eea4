import {
  type Cbor,
  codeOf,
  type EventCode,
  FarolaError,
  type Measured,
  pause,
  sameBytes,
  type Timers,
  toHex,
} from '@farola/shared';
import type { Log } from '../log/log.js';

/** Records an event. */
export type NoteEvent = (code: EventCode, facts: readonly Cbor[]) => void;

/** What a hash is, as it was last measured. */
export interface HashState {
  /** 32 bytes; null when it is not measured, or cannot be. */
  readonly hash: Uint8Array | null;
  /** How many files it covers; 0 where there is no hash. */
  readonly files: number;
  /** Why it cannot be measured; null when it is. */
  readonly reason: string | null;
}

/** What a hash is watched with. */
export interface WatchedHashDeps {
  /** The event, and the record of the log, of a change. */
  readonly changed: 'code-changed' | 'platform-changed';
  readonly timers: Timers;
  readonly log: Log;
}

type Measure = () => Promise<Measured>;

/** Where something is being written is looked at again after so long, and counts as changed if it still is, ms. */
const SETTLE_MS = 2_000;
/** Files that an event names, and characters of each. */
const NAMED = { files: 8, characters: 256 } as const;

/** A hash that is measured again and again, each change of which is an event. */
export class WatchedHash {
  readonly #deps: WatchedHashDeps;
  #state: HashState = { hash: null, files: 0, reason: 'not measured yet' };

  constructor(deps: WatchedHashDeps) {
    this.#deps = deps;
  }

  /** As the last measurement found it. */
  get state(): HashState {
    return this.#state;
  }

  /** The first measurement, which changes nothing. @throws FarolaError what the measurement throws */
  async begin(measure: Measure, signal?: AbortSignal): Promise<void> {
    const { hash, files } = await this.#settled(measure, signal);
    this.#state = { hash, files, reason: null };
  }

  /** Another measurement; one that fails leaves no hash, and its reason. Tells whether there was an event. */
  async look(measure: Measure, note: NoteEvent, signal: AbortSignal): Promise<boolean> {
    try {
      const { hash, files, changes } = await this.#settled(measure, signal);
      const named = changes.map(({ change, path }) => `${change} ${path}`);
      return this.#becomes({ hash, files, reason: null }, named, note);
    } catch (error) {
      return this.failed(error, note);
    }
  }

  /** Takes a failed measurement in, as `look` does. Throws what is no FarolaError. */
  failed(error: unknown, note: NoteEvent): boolean {
    if (!(error instanceof FarolaError)) throw error;
    return this.#becomes({ hash: null, files: 0, reason: `${error.code}: ${error.message}` }, [error.message], note);
  }

  /** A file that is replaced this moment is no change yet: what it becomes is. */
  async #settled(measure: Measure, signal?: AbortSignal): Promise<Measured> {
    try {
      return await measure();
    } catch (error) {
      if (codeOf(error) !== 'tree-changing') throw error;
      await pause(this.#deps.timers, SETTLE_MS, signal);
      return measure();
    }
  }

  #becomes(now: HashState, named: readonly string[], note: NoteEvent): boolean {
    const before = this.#state;
    this.#state = now;
    if (before.reason === now.reason && sameHash(before.hash, now.hash)) return false;
    const { changed, log } = this.#deps;
    const shown = named.slice(0, NAMED.files).map((name) => name.slice(0, NAMED.characters));
    note(changed, [before.hash, now.hash, named.length, shown]);
    const hash = now.hash ? toHex(now.hash) : 'none';
    log.warn(changed, { count: named.length, first: shown[0] ?? 'as it was before', hash });
    return true;
  }
}

function sameHash(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === b || (a !== null && b !== null && sameBytes(a, b));
}
