import { FarolaError, pause } from '@farola/shared';
import type { BackOff, Result, Timers } from '@farola/shared';
import { CLOSE, type Dial } from './channel.js';
import { Connection, type ConnectionDeps } from './connection.js';
import { type LinkEnd, Outage } from './outage.js';
import { Redial } from './redial.js';

/** State of the link. */
export type LinkState = 'dialling' | 'listening' | 'connected' | 'waiting';

/** What the link works with. */
export interface LinkDeps extends ConnectionDeps {
  readonly dial: Dial;
  readonly timers: Timers;
  readonly redial: BackOff;
  /**
   * Fetches the collector's newest keys, after it showed some that are not known. Whether others came into force.
   * @throws FarolaError of the dial
   */
  readonly fetchKeys?: (signal: AbortSignal) => Promise<Result<boolean>>;
  readonly onState?: LinkWatcher;
}

/**
 * Told at each change, with the code that ended the connection before, and how long the wait is to the next try; and, `answered`, after
 * each answer.
 */
export type LinkWatcher = (
  state: LinkState,
  facts: { readonly reason?: string; readonly waitMs?: number; readonly answered?: boolean },
) => void;

/** A collector that does not say hello within this time is dialled again, ms. */
export const HELLO_TIMEOUT_MS = 15_000;

/** Close codes of a collector that ends in order: done, going away, service restart (RFC 6455 section 7.4.1, IANA), ours. */
export const CLOSED_IN_ORDER: ReadonlySet<number> = new Set([CLOSE.normal, 1001, 1012, CLOSE.refused]);

/** Keeps a connection to the collector until aborted: dials, answers, waits, dials again. */
export async function runLink(deps: LinkDeps, signal: AbortSignal): Promise<void> {
  const redial = new Redial(deps.redial, deps.random);
  const outage = new Outage(deps.log, deps.clock);
  const ended = (): boolean => signal.aborted;
  while (!ended()) {
    deps.onState?.('dialling', {});
    const end = await connectOnce(deps, redial, outage, signal);
    const { reason, orderly } = end;
    if (ended()) return;
    const renewed = KEYS_UNKNOWN.has(reason) && (await keysFetched(deps, signal));
    if (ended()) return;
    const waitMs = redial.nextDelayMs(renewed ? 'keys-renewed' : reason, orderly);
    deps.onState?.('waiting', { reason, waitMs });
    outage.ended(end, waitMs);
    await pause(deps.timers, waitMs, signal);
  }
}

/** What a collector whose keys were replaced looks like to an LCU that was away. */
const KEYS_UNKNOWN: ReadonlySet<string> = new Set(['pin-mismatch', 'header-unexpected']);

async function keysFetched({ fetchKeys, log }: LinkDeps, signal: AbortSignal): Promise<boolean> {
  if (!fetchKeys) return false;
  try {
    const fetched = await fetchKeys(signal);
    if (fetched.ok) return fetched.value;
    log.warn(fetched.code, fetched.facts);
  } catch (error) {
    if (!(error instanceof FarolaError)) throw error;
    if (!signal.aborted) log.warn(error.code, error.facts);
  }
  return false;
}

/** One connection from dial to close. */
async function connectOnce(deps: LinkDeps, redial: Redial, outage: Outage, signal: AbortSignal): Promise<LinkEnd> {
  const { dial, log, timers } = deps;
  try {
    return await new Promise<LinkEnd>((resolve, reject) => {
      const opened = dial((channel) => {
        const connection = new Connection(channel, deps, {
          greeted() {
            helloTimer.cancel();
            deps.onState?.('connected', {});
            log.info({}, 'connected');
          },
          answered() {
            redial.reset();
            outage.over();
            deps.onState?.('connected', { answered: true });
          },
        });
        const helloTimer = timers.after(HELLO_TIMEOUT_MS, () =>
          connection.refuse('hello-missing', { timeoutMs: HELLO_TIMEOUT_MS }),
        );
        const stop = (): void => channel.close(CLOSE.normal, '');
        signal.addEventListener('abort', stop, { once: true });
        return {
          message: (bytes) => void connection.receive(bytes),
          closed(code, reason) {
            connection.end();
            helloTimer.cancel();
            signal.removeEventListener('abort', stop);
            const ours = connection.refusedWith;
            const why = ours ?? (reason || `closed with ${code}`);
            resolve({ reason: why, orderly: !ours && CLOSED_IN_ORDER.has(code), told: ours !== undefined });
          },
        };
      }, signal);
      opened.catch(reject);
    });
  } catch (error) {
    if (signal.aborted) return { reason: 'stopped', orderly: false };
    if (!(error instanceof FarolaError)) throw error;
    return { reason: error.code, orderly: false, error };
  }
}
