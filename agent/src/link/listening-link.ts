import { type BackOff, FarolaError, pause, type Timer, type Timers } from '@farola/shared';
import { type Accept, type Channel, CLOSE, type Listen } from './channel.js';
import { Connection, type ConnectionDeps } from './connection.js';
import type { HelloBudget } from './hello-budget.js';
import type { Log } from '../log/log.js';
import { CLOSED_IN_ORDER, type LinkWatcher } from './link.js';
import { Outage } from './outage.js';
import { Redial } from './redial.js';
import type { RefusalLog } from '../log/refusal-log.js';

/** What the link of an LCU that is dialled works with. */
export interface ListeningLinkDeps extends ConnectionDeps {
  readonly listen: Listen;
  /** What connections are refused for that have not proven who they are. */
  readonly refusals: RefusalLog;
  /** How often it is signed for them. */
  readonly hellos: HelloBudget;
  readonly timers: Timers;
  /** Between attempts to listen: a VPN may come up late. */
  readonly redial: BackOff;
  /** As for a link that dials. */
  readonly onState?: LinkWatcher;
}

/** Time that a connection has to prove itself by a poll, which carries our nonce and so cannot be replayed, ms. */
export const PROOF_MS = 30_000;

/** Waits for the collector at one address until aborted, and answers what it asks. */
export async function runListeningLink(deps: ListeningLinkDeps, signal: AbortSignal): Promise<void> {
  await Promise.all([keepListening(deps, signal), deps.refusals.run(deps.timers, signal)]);
}

async function keepListening(deps: ListeningLinkDeps, signal: AbortSignal): Promise<void> {
  const redial = new Redial(deps.redial, deps.random);
  const outage = new Outage(deps.log, deps.clock);
  const reception = new Reception(deps, outage, signal);
  const ended = (): boolean => signal.aborted;
  while (!ended()) {
    deps.onState?.('listening', {});
    try {
      await deps.listen(reception.accept, signal);
    } catch (error) {
      if (!(error instanceof FarolaError)) throw error;
      const reason = error.code;
      const waitMs = redial.nextDelayMs(reason);
      deps.onState?.('waiting', { reason, waitMs });
      outage.ended({ reason, orderly: false, error }, waitMs);
      await pause(deps.timers, waitMs, signal);
    }
  }
}

/** The connections that are open. One of them is in use: the last that proved itself. */
class Reception {
  readonly #deps: ListeningLinkDeps;
  readonly #outage: Outage;
  readonly #open = new Set<Channel>();
  #inUse: Channel | undefined;

  constructor(deps: ListeningLinkDeps, outage: Outage, signal: AbortSignal) {
    this.#deps = deps;
    this.#outage = outage;
    signal.addEventListener('abort', () => this.#closeAll(), { once: true });
  }

  /** Takes a connection. It is in use only from its first good poll on; until then the one before stays. */
  readonly accept: Accept = (channel, remote) => {
    const { timers, log, refusals, hellos, onState } = this.#deps;
    let proven = false;
    const warn: Log['warn'] = (code, facts) => (proven ? log.warn(code, facts) : refusals.refused(code, facts));
    const logOfOne: Log = { info: (...told) => log.info(...told), warn, fail: (...told) => log.fail(...told) };
    const connection = new Connection(
      channel,
      { ...this.#deps, log: logOfOne, mayGreet: () => hellos.take(remote) },
      {
        greeted: () => undefined,
        answered: () => {
          proven = true;
          proof.cancel();
          hellos.prove(remote);
          this.#outage.over();
          this.#use(channel);
          onState?.('connected', { answered: true });
        },
      },
    );
    const proof: Timer = timers.after(PROOF_MS, () => connection.refuse('hello-missing', { timeoutMs: PROOF_MS }));
    this.#open.add(channel);
    return {
      message: (bytes) => void connection.receive(bytes),
      closed: (code, reason) => {
        connection.end();
        proof.cancel();
        this.#open.delete(channel);
        if (this.#inUse !== channel) return;
        this.#inUse = undefined;
        const ours = connection.refusedWith;
        const why = ours ?? (reason || `closed with ${code}`);
        this.#outage.ended({ reason: why, orderly: !ours && CLOSED_IN_ORDER.has(code), told: ours !== undefined });
        onState?.('listening', { reason: why });
      },
    };
  };

  #closeAll(): void {
    for (const channel of this.#open) channel.close(CLOSE.normal, '');
  }

  #use(channel: Channel): void {
    const before = this.#inUse;
    if (before === channel) return;
    this.#inUse = channel;
    before?.close(CLOSE.refused, 'replaced');
    this.#deps.log.info({}, 'connected');
  }
}
