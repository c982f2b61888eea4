import { type Clock, refuse, type Refusal, type Result, type Timer, type Timers } from '@farola/shared';
import type { Lcu } from '../fleet/fleet.js';
import type { Channel } from '../link/channel.js';
import { standingOf } from '../fleet/counting.js';
import { judgeState } from '../fleet/fleet-rules.js';
import type { Greeted } from '../link/hello-exchange.js';
import { Exchange, type ExchangeDeps, type OnStray } from './exchange.js';
import type { RoundOutcome, Taken } from './run-round.js';
import { Session } from './session.js';
import { RoundSchedule } from './round-schedule.js';
import { offsetInRound } from './spread.js';

/** What the poller needs. */
export interface PollerDeps extends ExchangeDeps {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Length of a round, ms. */
  readonly roundMs: number;
  /** Gives what runs the rounds of a session, one at a time. */
  readonly roundsOf: (session: Session, exchange: Exchange, over: () => boolean) => Rounds;
  /** Told of a frame that nothing waits for. */
  readonly stray: (session: Session, ...told: Parameters<OnStray>) => void;
  /** Told how much later than its place in time a round comes, ms. */
  readonly due: (lateMs: number) => void;
  /** Told how the first poll of a round ended, and the wall time when the round began, ms. */
  readonly decided: (session: Session, atMs: number, first: Result<Taken>) => void;
  /** Told what a round threw; what that means is its outcome. */
  readonly failed: (session: Session, error: unknown) => Refusal;
  /** Told of each round that has ended, whether every poll of it was good, and its length, ms; not of one that a newer connection began anew. */
  readonly ended: (good: boolean, tookMs: number) => void;
  /** Told when a connection is gone. */
  readonly gone: (session: Session) => void;
}

/** Runs one round. @param onFirst told the outcome of its first poll */
export type Rounds = (onFirst: (first: Result<Taken>) => void) => Promise<RoundOutcome>;

interface Link {
  readonly session: Session;
  readonly exchange: Exchange;
  /** Its place in a round, ms. */
  readonly offsetMs: number;
  readonly round: Rounds;
  /** The end of what came by earlier connections of this LCU; undefined when it has come. */
  before: Promise<void> | undefined;
  /** Of a round that follows at once on one that took as long as a round may. */
  timer: Timer | undefined;
  /** When the round that runs, or ran last, began; monotonic, ms. */
  startedMs: number;
  running: Promise<void> | undefined;
  /** The outcome of the first poll of the round that runs. */
  first: Result<Taken> | undefined;
  /** Whether a newer connection took its place, and began the round anew. */
  replaced: boolean;
  /** Who waits for that outcome. */
  waiting: ((first: Result<Taken>) => void)[];
}

/** Holds the connection of each LCU and polls it, at once when it comes and then at its place in every round. */
export class Poller {
  readonly #deps: PollerDeps;
  readonly #links = new Map<number, Link>();
  readonly #schedule: RoundSchedule<Link>;
  /** By LCU, the round of a connection that is gone: a new one polls only when what came by it is stored or refused. */
  readonly #ending = new Map<number, Promise<void>>();
  #stopped = false;

  constructor(deps: PollerDeps) {
    this.#deps = deps;
    const { clock, timers, roundMs } = deps;
    const due = (link: Link, dueMs: number): void => {
      if (!link.running && !link.session.closed) this.#start(link, dueMs);
    };
    this.#schedule = new RoundSchedule({ clock, timers, roundMs, due });
  }

  /** Number of connected LCUs. */
  get connected(): number {
    return this.#links.size;
  }

  /** Whether an LCU has a connection now. */
  isConnected(lcuNo: number): boolean {
    return this.#links.has(lcuNo);
  }

  /** Takes a connection over; an older one of the same LCU is closed. Returns where its frames go. */
  attach(greeted: Greeted, channel: Channel): (frame: Uint8Array) => void {
    const session = new Session(greeted, channel);
    const exchange = new Exchange(session, this.#deps, (...told) => this.#deps.stray(session, ...told));
    const { lcuNo, lcuId } = session.lcu;
    const { clock, roundMs } = this.#deps;
    const over = (): boolean => this.#stopped || session.closed || clock.now().monoMs - link.startedMs >= roundMs;
    const link: Link = {
      session,
      exchange,
      offsetMs: offsetInRound(lcuId, roundMs),
      round: this.#deps.roundsOf(session, exchange, over),
      before: undefined,
      timer: undefined,
      startedMs: 0,
      running: undefined,
      first: undefined,
      replaced: false,
      waiting: [],
    };
    if (this.#stopped) {
      session.closed = true;
      channel.close('shutting-down');
      return () => undefined;
    }
    const older = this.#links.get(lcuNo);
    this.#links.set(lcuNo, link);
    if (older) {
      older.replaced = true;
      this.#end(older, 'replaced');
    }
    link.before = this.#ending.get(lcuNo);
    channel.onClose(() => this.#end(link, undefined));
    this.#schedule.add(link);
    this.#start(link);
    return (frame) => exchange.receive(frame);
  }

  /**
   * Polls an LCU now and gives the outcome of that poll, not waiting for a backlog; while a round of it runs, that of the
   * round's first poll. Code: `lcu-not-connected`.
   */
  pollNow(lcu: Lcu): Promise<Result<Taken>> {
    const link = this.#links.get(lcu.lcuNo);
    if (!link) return Promise.resolve(refuse('lcu-not-connected', { lcu: lcu.lcuId }));
    if (!link.running) this.#start(link);
    if (link.first) return Promise.resolve(link.first);
    return new Promise((resolve) => link.waiting.push(resolve));
  }

  /** Looks at the fleet again: an LCU that may no longer hold a connection, or not by this key, loses it. */
  review(find: (lcuId: string) => Lcu | undefined): void {
    for (const link of [...this.#links.values()]) {
      const { session } = link;
      const lcu = find(session.lcu.lcuId);
      const refusal = lcu ? judgeState(lcu) : refuse('lcu-unknown', { lcu: session.lcu.lcuId });
      if (refusal) this.#end(link, refusal.code);
      else if (lcu) session.standing = standingOf(lcu);
    }
  }

  /** Ends every connection; others may come. */
  hangUp(reason: Parameters<Channel['close']>[0]): void {
    for (const link of [...this.#links.values()]) this.#end(link, reason);
  }

  /** Ends every connection and waits for the rounds that run. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const links = [...this.#links.values()];
    for (const link of links) this.#end(link, 'shutting-down');
    await Promise.all(links.flatMap((link) => link.running ?? []));
    await Promise.all(this.#ending.values());
  }

  /** @param dueMs when its place in time came, monotonic; undefined when it begins for another reason */
  #start(link: Link, dueMs?: number): void {
    link.timer?.cancel();
    link.first = undefined;
    link.running = this.#round(link, dueMs);
  }

  async #round(link: Link, dueMs: number | undefined): Promise<void> {
    const { clock, due, failed, ended } = this.#deps;
    if (link.before) await link.before;
    link.before = undefined;
    const { monoMs, wallMs } = clock.now();
    link.startedMs = monoMs;
    if (dueMs !== undefined) due(Math.max(0, monoMs - dueMs));
    let good = false;
    try {
      ({ good } = await link.round((first) => this.#tell(link, wallMs, first)));
    } catch (error) {
      this.#tell(link, wallMs, failed(link.session, error));
    }
    const now = clock.now();
    link.running = undefined;
    if (!link.replaced) ended(good, now.monoMs - monoMs);
    if (now.monoMs - monoMs >= this.#deps.roundMs) this.#goOn(link, monoMs);
  }

  #tell(link: Link, atMs: number, first: Result<Taken>): void {
    this.#deps.decided(link.session, atMs, first);
    link.first = first;
    const { waiting } = link;
    if (waiting.length === 0) return;
    link.waiting = [];
    for (const resolve of waiting) resolve(first);
  }

  /** The next round was due while one ran. */
  #goOn(link: Link, startedMs: number): void {
    if (this.#stopped || link.session.closed) return;
    const { timers, roundMs } = this.#deps;
    link.timer = timers.after(0, () => this.#start(link, startedMs + roundMs));
  }

  #end(link: Link, reason: Parameters<Channel['close']>[0] | undefined): void {
    const { session } = link;
    if (session.closed) return;
    session.closed = true;
    link.timer?.cancel();
    this.#schedule.delete(link);
    if (this.#links.get(session.lcu.lcuNo) === link) this.#links.delete(session.lcu.lcuNo);
    if (reason) session.channel.close(reason);
    if (link.running) this.#awaitEnd(session.lcu.lcuNo, link.running);
    link.exchange.abandon();
    this.#deps.gone(session);
  }

  #awaitEnd(lcuNo: number, running: Promise<void>): void {
    const ending = Promise.all([this.#ending.get(lcuNo), running]).then(() => {
      if (this.#ending.get(lcuNo) === ending) this.#ending.delete(lcuNo);
    });
    this.#ending.set(lcuNo, ending);
  }
}
