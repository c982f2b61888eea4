import { type Clock, refuse, type Refusal, type Result, type Timer, type Timers } from '@farola/shared';
import type { Lcu } from '../fleet/fleet.js';
import type { Channel } from '../link/channel.js';
import type { Greeted } from '../link/hello-exchange.js';
import { Exchange, type ExchangeDeps } from './exchange.js';
import type { RoundOutcome, Taken } from './run-round.js';
import { Session } from './session.js';
import { untilNextPoll } from './spread.js';

/** What the poller needs. */
export interface PollerDeps extends ExchangeDeps {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Length of a round, ms. */
  readonly roundMs: number;
  /** Runs one round on a session. Never rejects for anything that the LCU does. */
  readonly round: (
    session: Session,
    exchange: Exchange,
    over: () => boolean,
    onFirst: (first: Result<Taken>) => void,
  ) => Promise<RoundOutcome>;
  /** Told of a frame that no poll waits for. */
  readonly stray: ConstructorParameters<typeof Exchange>[2];
  /** Told when a connection is gone. */
  readonly gone: (session: Session) => void;
}

interface Link {
  readonly session: Session;
  readonly exchange: Exchange;
  timer: Timer | undefined;
  running: Promise<RoundOutcome> | undefined;
  /** The first poll of the round that runs, or ran last. */
  first: Promise<Result<Taken>> | undefined;
}

/** Holds the connection of each LCU and polls it, at once when it comes and then at its place in every round. */
export class Poller {
  readonly #deps: PollerDeps;
  readonly #links = new Map<number, Link>();
  #stopped = false;

  constructor(deps: PollerDeps) {
    this.#deps = deps;
  }

  /** Number of connected LCUs. */
  get connected(): number {
    return this.#links.size;
  }

  /** Takes a connection over; an older one of the same LCU is closed. Returns where its frames go. */
  attach(greeted: Greeted, channel: Channel): (frame: Uint8Array) => void {
    const session = new Session(greeted, channel);
    const exchange = new Exchange(session, this.#deps, this.#deps.stray);
    const link: Link = { session, exchange, timer: undefined, running: undefined, first: undefined };
    const { lcuNo } = session.lcu;
    if (this.#stopped) {
      session.closed = true;
      channel.close('shutting-down');
      return () => undefined;
    }
    const older = this.#links.get(lcuNo);
    this.#links.set(lcuNo, link);
    if (older) this.#end(older, 'replaced');
    channel.onClose(() => this.#end(link, undefined));
    void this.#round(link);
    return (frame) => exchange.receive(frame);
  }

  /**
   * Polls an LCU now and gives the outcome of that poll, not waiting for a backlog; while a round of it runs, that of the
   * round's first poll. Code: `lcu-not-connected`.
   */
  async pollNow(lcu: Lcu): Promise<Result<Taken>> {
    const link = this.#links.get(lcu.lcuNo);
    if (!link) return refuse('lcu-not-connected', { lcu: lcu.lcuId });
    if (!link.running) void this.#round(link);
    return link.first ?? refuse('lcu-not-connected', { lcu: lcu.lcuId });
  }

  /** Looks at the fleet again: an LCU that may no longer hold a connection loses it. */
  review(find: (lcuId: string) => Lcu | undefined, barred: (lcu: Lcu) => Refusal | undefined): void {
    for (const link of [...this.#links.values()]) {
      const lcu = find(link.session.lcu.lcuId);
      const refusal = lcu ? barred(lcu) : refuse('lcu-unknown', { lcu: link.session.lcu.lcuId });
      if (refusal) this.#end(link, refusal.code);
    }
  }

  /** Ends every connection and waits for the rounds that run. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const links = [...this.#links.values()];
    for (const link of links) this.#end(link, 'shutting-down');
    await Promise.allSettled(links.flatMap((link) => link.running ?? []));
  }

  async #round(link: Link): Promise<RoundOutcome> {
    const { clock, roundMs, round } = this.#deps;
    link.timer?.cancel();
    const started = clock.now().monoMs;
    const over = (): boolean => this.#stopped || link.session.closed || clock.now().monoMs - started >= roundMs;
    let told: (first: Result<Taken>) => void = () => undefined;
    link.first = new Promise((resolve) => (told = resolve));
    link.running = round(link.session, link.exchange, over, told);
    try {
      return await link.running;
    } finally {
      link.running = undefined;
      this.#schedule(link, started);
    }
  }

  #schedule(link: Link, started: number): void {
    if (this.#stopped || link.session.closed) return;
    const { clock, timers, roundMs } = this.#deps;
    const { wallMs, monoMs } = clock.now();
    const wait = monoMs - started >= roundMs ? 0 : untilNextPoll(link.session.lcu.lcuId, roundMs, wallMs);
    link.timer = timers.after(wait, () => void this.#round(link));
  }

  #end(link: Link, reason: Parameters<Channel['close']>[0] | undefined): void {
    const { session } = link;
    if (session.closed) return;
    session.closed = true;
    link.timer?.cancel();
    if (this.#links.get(session.lcu.lcuNo) === link) this.#links.delete(session.lcu.lcuNo);
    if (reason) session.channel.close(reason);
    link.exchange.abandon();
    this.#deps.gone(session);
  }
}
