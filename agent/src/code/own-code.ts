import { type Cbor, codeOf, type EventCode, FarolaError, pause, sameBytes, toHex } from '@farola/shared';
import type { InstalledTree, MeasuredTree, Measurer, Timers } from '@farola/shared';
import type { Log } from '../log.js';

/** What an agent that runs from an installed tree works with. */
export interface OwnCodeDeps {
  readonly tree: InstalledTree;
  readonly measurer: Pick<Measurer, 'tree' | 'platform'>;
  /** Files that the agent runs on, absolute paths. */
  readonly platformFiles: readonly string[];
  /** From the end of one measurement to the beginning of the next, ms. */
  readonly checkMs: number;
  readonly timers: Timers;
  readonly log: Log;
}

/** Records an event. */
export type NoteEvent = (code: EventCode, facts: readonly Cbor[]) => void;

/** What the agent says of its own code. */
export interface CodeState {
  /** Folder of the installed tree; null when the agent runs from a checkout. */
  readonly tree: string | null;
  /** Code hash, 32 bytes; null when it is not measured, or cannot be. */
  readonly hash: Uint8Array | null;
  /** Platform hash, 32 bytes; null when it is not measured (yet). */
  readonly platform: Uint8Array | null;
  /** Why the code cannot be measured; null when it is. */
  readonly reason: string | null;
}

/** What an agent says that runs from a checkout: nothing is measured. */
export const CHECKOUT: CodeState = {
  tree: null,
  hash: null,
  platform: null,
  reason: 'this is a checkout, not an installed tree',
};

/** A tree in which something is being written is looked at again after so long, and counts as changed if it still is, ms. */
const SETTLE_MS = 2_000;
/** Files that an event names, and characters of each. */
const NAMED = { files: 8, characters: 256 } as const;

/** The code of an installed agent: measured at the start, and again and again. */
export class OwnCode {
  readonly #deps: OwnCodeDeps;
  #state: CodeState;

  constructor(deps: OwnCodeDeps) {
    this.#deps = deps;
    this.#state = { tree: deps.tree.root, hash: null, platform: null, reason: 'not measured yet' };
  }

  /** As the last measurement found it. */
  get state(): CodeState {
    return this.#state;
  }

  /** The first measurement. @throws FarolaError of `measureTree`: a tree that breaks the rules does not start */
  async begin(): Promise<void> {
    const { hash } = await this.#measure();
    this.#state = { ...this.#state, hash, reason: null };
  }

  /**
   * Measures what the agent runs on, once, and its tree again and again until aborted. Events: `platform-measured`, and
   * `code-changed` for each change.
   */
  async watch(note: NoteEvent, signal: AbortSignal): Promise<void> {
    const { timers, checkMs } = this.#deps;
    const ended = (): boolean => signal.aborted;
    await this.#measurePlatform(note);
    while (!ended()) {
      await pause(timers, checkMs, signal);
      if (!ended()) await this.#look(note, signal);
    }
  }

  async #measurePlatform(note: NoteEvent): Promise<void> {
    const { measurer, platformFiles, log } = this.#deps;
    try {
      const { hash, files } = await measurer.platform(platformFiles);
      this.#state = { ...this.#state, platform: hash };
      note('platform-measured', [hash, files]);
    } catch (error) {
      if (!(error instanceof FarolaError)) throw error;
      log.warn(error.code, error.facts);
    }
  }

  async #look(note: NoteEvent, signal: AbortSignal): Promise<void> {
    try {
      const { hash, changes } = await this.#measure(signal);
      const named = changes.map(({ change, path }) => `${change} ${path}`);
      this.#becomes({ ...this.#state, hash, reason: null }, named, note);
    } catch (error) {
      if (!(error instanceof FarolaError)) throw error;
      this.#becomes({ ...this.#state, hash: null, reason: `${error.code}: ${error.message}` }, [error.message], note);
    }
  }

  /** A file that is replaced this moment is no change yet: what it becomes is. */
  async #measure(signal?: AbortSignal): Promise<MeasuredTree> {
    const { measurer, tree, timers } = this.#deps;
    try {
      return await measurer.tree(tree.root);
    } catch (error) {
      if (codeOf(error) !== 'tree-changing') throw error;
      await pause(timers, SETTLE_MS, signal);
      return measurer.tree(tree.root);
    }
  }

  #becomes(now: CodeState, named: readonly string[], note: NoteEvent): void {
    const before = this.#state;
    this.#state = now;
    if (before.reason === now.reason && sameHash(before.hash, now.hash)) return;
    const shown = named.slice(0, NAMED.files).map((name) => name.slice(0, NAMED.characters));
    note('code-changed', [before.hash, now.hash, named.length, shown]);
    const hash = now.hash ? toHex(now.hash) : 'none';
    this.#deps.log.warn('code-changed', { count: named.length, first: shown[0] ?? 'as it was before', hash });
  }
}

function sameHash(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === b || (a !== null && b !== null && sameBytes(a, b));
}
