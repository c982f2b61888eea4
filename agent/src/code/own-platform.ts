import { type Clock, type Measured, type Measurer, pause, type PlatformSources, sameBytes, type Timers } from '@farola/shared';
import type { Log } from '../log/log.js';
import { untilNextLook } from './next-look.js';
import { type HashState, type NoteEvent, WatchedHash } from './watched-hash.js';

/** What an installed agent works with to watch what it runs on. */
export interface OwnPlatformDeps extends PlatformSources {
  /** Folder of the installed tree. */
  readonly tree: string;
  readonly measurer: Pick<Measurer, 'platform'>;
  /** From the beginning of one look to that of the next, ms; up to half more after the first one. */
  readonly checkMs: number;
  /** The epoch that events are recorded in now. */
  readonly epoch: () => Uint8Array;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
}

/**
 * How often every byte is read again, ms. In between only what looks changed is read: node alone has a hundred megabytes, which
 * take the smallest board seconds; and who can make a file look as it did is root, who can lie anyway.
 */
export const WHOLE_MS = 86_400_000;

/**
 * What an installed agent runs on, measured apart from its code. The event `platform-measured` tells it in each epoch,
 * `platform-changed` each change.
 */
export class OwnPlatform {
  readonly #deps: OwnPlatformDeps;
  readonly #hash: WatchedHash;
  #wholeMonoMs: number | undefined;
  #toldIn: Uint8Array | undefined;

  constructor(deps: OwnPlatformDeps) {
    const { timers, log } = deps;
    this.#deps = deps;
    this.#hash = new WatchedHash({ changed: 'platform-changed', timers, log });
  }

  /** As the last measurement found it. */
  get state(): HashState {
    return this.#hash.state;
  }

  /** Measures again and again until aborted. What cannot be measured costs the hash, not the run. */
  async watch(note: NoteEvent, signal: AbortSignal): Promise<void> {
    const { timers, clock, checkMs } = this.#deps;
    while (!signal.aborted) {
      await this.#look(note, signal);
      await pause(timers, untilNextLook(clock, checkMs), signal);
    }
  }

  async #look(note: NoteEvent, signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    const { monoMs } = clock.now();
    const whole = this.#wholeMonoMs === undefined || monoMs - this.#wholeMonoMs >= WHOLE_MS;
    const changed = await this.#measured(whole, note, signal);
    if (whole) this.#wholeMonoMs = monoMs;
    this.#tell(changed, note);
  }

  async #measured(whole: boolean, note: NoteEvent, signal: AbortSignal): Promise<boolean> {
    const { mapped, unit, tree, measurer } = this.#deps;
    const measure = (): Promise<Measured> => measurer.platform({ mapped, unit, tree, whole });
    if (this.#wholeMonoMs !== undefined) return this.#hash.look(measure, note, signal);
    try {
      await this.#hash.begin(measure, signal);
      return false;
    } catch (error) {
      return this.#hash.failed(error, note);
    }
  }

  /** Tells the hash where the epoch does not hold it yet. @param changed it was told just now */
  #tell(changed: boolean, note: NoteEvent): void {
    const { hash, files } = this.#hash.state;
    if (!hash) return;
    const epoch = this.#deps.epoch();
    const known = this.#toldIn && sameBytes(this.#toldIn, epoch);
    if (!changed && !known) note('platform-measured', [hash, files]);
    this.#toldIn = epoch;
  }
}
