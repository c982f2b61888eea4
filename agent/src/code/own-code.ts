import { type Clock, type InstalledTree, type Measurer, pause, type Timers } from '@farola/shared';
import type { Log } from '../log/log.js';
import { untilNextLook } from './next-look.js';
import { type HashState, type NoteEvent, WatchedHash } from './watched-hash.js';

/** What an agent that runs from an installed tree works with. */
export interface OwnCodeDeps {
  readonly tree: InstalledTree;
  readonly measurer: Pick<Measurer, 'tree'>;
  /** From the beginning of one measurement to that of the next, ms; up to half more after the first one. */
  readonly checkMs: number;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
}

/** What the agent says of its own code. */
export interface CodeState extends HashState {
  /** Folder of the installed tree; null when the agent runs from a checkout. */
  readonly tree: string | null;
}

/** Why an agent that runs from a checkout measures nothing. */
export const CHECKOUT: CodeState = {
  tree: null,
  hash: null,
  files: 0,
  reason: 'this is a checkout, not an installed tree',
};

/** The code of an installed agent: measured at the start, and again and again. */
export class OwnCode {
  readonly #deps: OwnCodeDeps;
  readonly #hash: WatchedHash;

  constructor(deps: OwnCodeDeps) {
    const { timers, log } = deps;
    this.#deps = deps;
    this.#hash = new WatchedHash({ changed: 'code-changed', timers, log });
  }

  /** As the last measurement found it. */
  get state(): CodeState {
    return { tree: this.#deps.tree.root, ...this.#hash.state };
  }

  /** The first measurement. @throws FarolaError of `measureTree`: a tree that breaks the rules does not start */
  begin(): Promise<void> {
    return this.#hash.begin(this.#measure);
  }

  /** Measures its tree again and again until aborted. Event: `code-changed` for each change. */
  async watch(note: NoteEvent, signal: AbortSignal): Promise<void> {
    const { timers, clock, checkMs } = this.#deps;
    const ended = (): boolean => signal.aborted;
    while (!ended()) {
      await pause(timers, untilNextLook(clock, checkMs), signal);
      if (!ended()) await this.#hash.look(this.#measure, note, signal);
    }
  }

  readonly #measure = () => this.#deps.measurer.tree(this.#deps.tree.root);
}
