import type { Clock, Instant, Timer, Timers } from '@farola/shared';
import { untilNextPoll } from './spread.js';

/** Who has a place in every round. */
export interface Placed {
  /** Its place in a round, ms. */
  readonly offsetMs: number;
}

/** What a schedule works with. */
export interface RoundScheduleDeps<Member extends Placed> {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Length of a round, ms. */
  readonly roundMs: number;
  /** A place has come. @param dueMs when it came, monotonic */
  readonly due: (member: Member, dueMs: number) => void;
}

/** Who comes next. */
interface Turn {
  readonly index: number;
  /** When its place comes, wall time in ms. */
  readonly wallMs: number;
}

/** By so much the wall clock may go otherwise than the monotonic one between two looks, ms; more is a step. */
const STEP_MS = 1000;

/**
 * Calls each member at its place in every round, by the wall clock, with one timer for all of them. When the wall clock is
 * stepped, whoever is waited for is called after the time that it was to wait, and then places go by the new time: nobody
 * is called for a place that was leapt over.
 */
export class RoundSchedule<Member extends Placed> {
  readonly #deps: RoundScheduleDeps<Member>;
  /** In the order of their places. */
  readonly #members: Member[] = [];
  #turn: Turn | undefined;
  #timer: Timer | undefined;
  /** Both clocks at the last look. */
  #looked: Instant | undefined;

  constructor(deps: RoundScheduleDeps<Member>) {
    this.#deps = deps;
  }

  /** Takes a member in; its first place is the next that comes. */
  add(member: Member): void {
    const { clock, roundMs } = this.#deps;
    const now = clock.now();
    const stepped = this.#hasStepped(now);
    const index = this.#firstAfter(member.offsetMs);
    this.#members.splice(index, 0, member);
    if (stepped) return this.#wait(this.#byClock(now), now);
    const wallMs = now.wallMs + untilNextPoll(member.offsetMs, roundMs, now.wallMs);
    const turn = this.#turn;
    if (!turn || wallMs < turn.wallMs) this.#wait({ index, wallMs }, now);
    else if (index <= turn.index) this.#turn = { index: turn.index + 1, wallMs: turn.wallMs };
  }

  /** Calls a member no more; nothing happens when it is none. */
  delete(member: Member): void {
    const index = this.#members.lastIndexOf(member, this.#firstAfter(member.offsetMs) - 1);
    const turn = this.#turn;
    if (index === -1 || !turn) return;
    const now = this.#deps.clock.now();
    const next = index === turn.index ? this.#after(turn) : turn;
    this.#members.splice(index, 1);
    if (this.#members.length === 0) return this.stop();
    if (this.#hasStepped(now)) return this.#wait(this.#byClock(now), now);
    const moved = { index: (next.index > index ? next.index - 1 : next.index) % this.#members.length, wallMs: next.wallMs };
    if (next === turn) this.#turn = moved;
    else this.#wait(moved, now);
  }

  /** Calls nobody any more. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#turn = undefined;
    this.#looked = undefined;
    this.#members.length = 0;
  }

  #fire(): void {
    const { clock, due } = this.#deps;
    const now = clock.now();
    const called: { member: Member; dueMs: number }[] = [];
    let turn = this.#turn;
    if (!turn) return;
    const stepped = this.#hasStepped(now);
    const untilMs = stepped ? turn.wallMs : now.wallMs;
    do {
      const dueMs = stepped ? now.monoMs : Math.min(now.monoMs, now.monoMs - (now.wallMs - turn.wallMs));
      called.push({ member: this.#members[turn.index] as Member, dueMs });
      turn = this.#after(turn);
    } while (turn.wallMs <= untilMs && called.length < this.#members.length);
    const overslept = turn.wallMs <= now.wallMs;
    this.#wait(stepped || overslept ? this.#byClock(now) : turn, now);
    for (const { member, dueMs } of called) due(member, dueMs);
  }

  #wait(turn: Turn, now: Instant): void {
    this.#turn = turn;
    this.#looked = now;
    this.#timer?.cancel();
    this.#timer = this.#deps.timers.after(Math.max(0, turn.wallMs - now.wallMs), () => this.#fire());
  }

  #hasStepped({ wallMs, monoMs }: Instant): boolean {
    const looked = this.#looked ?? { wallMs, monoMs };
    return Math.abs(wallMs - looked.wallMs - (monoMs - looked.monoMs)) > STEP_MS;
  }

  #after({ index, wallMs }: Turn): Turn {
    const members = this.#members;
    const next = (index + 1) % members.length;
    const gapMs = (members[next] as Member).offsetMs - (members[index] as Member).offsetMs;
    return { index: next, wallMs: wallMs + (next > index ? gapMs : gapMs + this.#deps.roundMs) };
  }

  #byClock({ wallMs }: Instant): Turn {
    const { roundMs } = this.#deps;
    const inRound = ((wallMs % roundMs) + roundMs) % roundMs;
    const index = this.#firstAfter(inRound) % this.#members.length;
    return { index, wallMs: wallMs + untilNextPoll((this.#members[index] as Member).offsetMs, roundMs, wallMs) };
  }

  /** Index of the first member whose place is after one. */
  #firstAfter(offsetMs: number): number {
    let low = 0;
    let high = this.#members.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#members[middle] as Member).offsetMs > offsetMs) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
