import { type Clock, type Random, refuse, type Refusal, type Timer, type Timers, type Verify } from '@farola/shared';
import type { FleetReader } from '../fleet/fleet.js';
import type { Channel } from './channel.js';
import type { CollectorIdentity } from './collector-identity.js';
import { type Greeted, judgeHelloAnswer, makeHello } from './hello-exchange.js';

/** What the acceptance of a connection needs. */
export interface AcceptDeps {
  readonly identity: CollectorIdentity;
  readonly fleet: Pick<FleetReader, 'findByKid'>;
  readonly verify: Verify;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  /** Whether this collector dials the LCU: then it is not taken where it dials. Nobody unless told. */
  readonly isDialled?: (lcuId: string) => boolean;
}

/** How long a new connection may take to say who it is, ms. */
const HELLO_MS = 10_000;

/**
 * Greets a new connection and hands it over once the LCU has proven who it is; every later message goes to the listener
 * that `greeted` returns. A connection that fails is closed with the code, and `refused` is told. An LCU that waits to be
 * dialled signs for whoever reaches it and passes a hello on, so it is `lcu-dialled` where it seems to dial.
 * @param expected name of the LCU that was dialled; undefined when it is the LCU that dialled
 */
export function acceptLcu(
  channel: Channel,
  deps: AcceptDeps,
  greeted: (greeted: Greeted, channel: Channel) => (frame: Uint8Array) => void,
  refused: (refusal: Refusal, channel: Channel) => void,
  expected?: string,
): void {
  const { frame, nonce } = makeHello(deps.identity, deps.random, deps.clock.now().wallMs);
  let deliver: ((frame: Uint8Array) => void) | undefined;
  /** Until the greeting is over, well or not; what it needed is not kept for as long as the connection lasts. */
  let greeting: { readonly nonce: Uint8Array; readonly timer: Timer } | undefined = {
    nonce,
    timer: deps.timers.after(HELLO_MS, () => end({ ok: false, code: 'answer-missing', facts: { deadlineMs: HELLO_MS } })),
  };

  function over(): void {
    greeting?.timer.cancel();
    greeting = undefined;
  }

  function end(refusal: Refusal): void {
    over();
    channel.close(refusal.code);
    refused(refusal, channel);
  }

  channel.onClose(over);
  channel.onMessage((message) => {
    if (deliver) return deliver(message);
    if (!greeting) return;
    const judged = judgeHelloAnswer(message, greeting, deps.fleet, deps.verify);
    over();
    if (!judged.ok) return end(judged);
    const { lcuId } = judged.value.lcu;
    if (expected !== undefined && lcuId !== expected) return end(refuse('lcu-mismatch', { named: lcuId, lcu: expected }));
    if (expected === undefined && deps.isDialled?.(lcuId)) return end(refuse('lcu-dialled', { lcu: lcuId }));
    channel.proven();
    deliver = greeted(judged.value, channel);
  });
  channel.send(frame);
}
