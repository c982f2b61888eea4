import { type Cbor, type EventCode, FarolaError, fromHex, printable, sha256, toHex } from '@farola/shared';

/** A configuration that the collector sent. */
export interface Pushed {
  /** Of the command that brought it. */
  readonly sequence: number;
  readonly text: string;
  readonly by: string;
  readonly reason: string;
  /** When it came, wall time, ms. */
  readonly atMs: number;
}

/** One that has to prove itself. */
export interface OnTrial extends Pushed {
  /** How often the agent was started with it. */
  readonly starts: number;
  /** Ids of the analysers that answered before: one of these that falls silent is a reason to roll back. */
  readonly answered: readonly string[];
}

/** What became of one, to be recorded in the journal. */
export interface PushedFact {
  readonly event: 'config-applied' | 'config-rolled-back' | 'config-refused';
  readonly sequence: number;
  /** SHA-256 of the text, hexadecimal. */
  readonly hash: string;
  /** Who sent it; why it was rolled back; the code it was refused with, and what was wrong with which field. */
  readonly what: string;
}

/** What the agent keeps of its collector's configuration. */
export interface PushedState {
  /** Highest sequence of a command that was accepted: none that is not above it counts. */
  readonly accepted: number;
  readonly kept: Pushed | null;
  readonly trial: OnTrial | null;
  /** What the journal has not recorded yet. */
  readonly untold: readonly PushedFact[];
}

/** Port: keeps the state; durable when it resolves, the old or the new one at any moment. @throws FarolaError `disk-failure` */
export interface PushedStore {
  load(): Promise<PushedState>;
  save(state: PushedState): Promise<void>;
}

/** The state of an LCU that its collector never configured. */
export const NOTHING_PUSHED: PushedState = { accepted: 0, kept: null, trial: null, untold: [] };

/** Starts on trial after which a configuration is given up: what crashes the agent does so before it can be judged. */
const STARTS = 3;
const REFUSED_KEPT = 16;
/** Characters of the text of an event: what an entry, which is kept for ever, may hold of it. */
const MOST_WHAT = 400;

/** The configuration of the collector: one on trial, or the one that proved itself. One caller at a time. */
export class PushedConfig {
  readonly #store: PushedStore;
  #state: PushedState;

  constructor(store: PushedStore, state: PushedState) {
    this.#store = store;
    this.#state = state;
  }

  get state(): PushedState {
    return this.#state;
  }

  /** The text that counts now; undefined when the file counts alone. */
  get text(): string | undefined {
    return (this.#state.trial ?? this.#state.kept)?.text;
  }

  /** The agent starts: one that was on trial too often is rolled back. */
  async begin(): Promise<void> {
    const { trial } = this.#state;
    if (!trial) return;
    if (trial.starts >= STARTS) return this.rollBack(`the agent ended ${STARTS} times on trial`);
    await this.#save({ trial: { ...trial, starts: trial.starts + 1 } });
  }

  /** Puts one on trial, from the next start on. */
  async tryOut(pushed: Pushed, answered: readonly string[]): Promise<void> {
    await this.#save({ accepted: pushed.sequence, trial: { ...pushed, starts: 0, answered } });
  }

  /** Notes one that is never tried, so that it cannot come again. */
  async refuse({ sequence, text }: Pick<Pushed, 'sequence' | 'text'>, why: string): Promise<void> {
    const fact: PushedFact = { event: 'config-refused', sequence, hash: hashOf(text), what: bounded(why) };
    await this.#save({ accepted: sequence, untold: [...this.#state.untold, fact].slice(-REFUSED_KEPT) });
  }

  /** The one on trial proved itself. */
  async keep(): Promise<void> {
    const { trial } = this.#state;
    if (!trial) return;
    const { sequence, text, by, reason, atMs } = trial;
    await this.#save({
      kept: { sequence, text, by, reason, atMs },
      trial: null,
      untold: [...this.#state.untold, { event: 'config-applied', sequence, hash: hashOf(text), what: by }],
    });
  }

  /** The one on trial did not: what was in force before counts again. */
  async rollBack(why: string): Promise<void> {
    await this.#drop('trial', why);
  }

  /** As `rollBack`, for this run alone, where nothing can be written: what was in force before is safe, and the next start looks again. */
  leaveOut(why: string): void {
    const { trial, untold } = this.#state;
    if (!trial) return;
    const { sequence, text } = trial;
    const fact: PushedFact = { event: 'config-rolled-back', sequence, hash: hashOf(text), what: why };
    this.#state = { ...this.#state, trial: null, untold: [...untold, fact] };
  }

  /** A technician ends it: the file counts alone. Gives whether there was one. */
  async reset(): Promise<boolean> {
    const had = this.#state.trial !== null || this.#state.kept !== null;
    await this.#drop('trial', 'reset on the LCU');
    await this.#drop('kept', 'reset on the LCU');
    return had;
  }

  /** Records what the journal has not; what cannot be kept as recorded is recorded again. */
  async tell(note: (code: EventCode, facts: readonly Cbor[]) => void): Promise<void> {
    const { untold } = this.#state;
    if (untold.length === 0) return;
    for (const { event, sequence, hash, what } of untold) note(event, [sequence, fromHex(hash), bounded(what)]);
    try {
      await this.#save({ untold: [] });
    } catch (error) {
      if (!isDiskFailure(error)) throw error;
      this.#state = { ...this.#state, untold: [] };
    }
  }

  async #drop(which: 'trial' | 'kept', why: string): Promise<void> {
    const dropped = this.#state[which];
    if (!dropped) return;
    const { sequence, text } = dropped;
    const fact: PushedFact = { event: 'config-rolled-back', sequence, hash: hashOf(text), what: why };
    await this.#save({ [which]: null, untold: [...this.#state.untold, fact] });
  }

  async #save(change: Partial<PushedState>): Promise<void> {
    const state = { ...this.#state, ...change };
    await this.#store.save(state);
    this.#state = state;
  }
}

/** Whether a disk failed that may be back later. */
export function isDiskFailure(error: unknown): error is FarolaError {
  return error instanceof FarolaError && error.code === 'disk-failure';
}

/** A text from outside in one line that shows, cut between two characters. */
function bounded(text: string): string {
  const characters = Array.from(printable(text));
  return characters.length <= MOST_WHAT ? characters.join('') : `${characters.slice(0, MOST_WHAT - 4).join('')} ...`;
}

function hashOf(text: string): string {
  return toHex(sha256(new TextEncoder().encode(text)));
}
