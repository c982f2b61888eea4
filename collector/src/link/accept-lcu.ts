import type { Clock, Random, Refusal, Timers, Verify } from '@farola/shared';
import type { Fleet } from '../fleet/fleet.js';
import type { Channel } from './channel.js';
import type { CollectorIdentity } from './collector-identity.js';
import { type Greeted, judgeHelloAnswer, makeHello } from './hello-exchange.js';

/** What the acceptance of a connection needs. */
export interface AcceptDeps {
  readonly identity: CollectorIdentity;
  readonly fleet: Pick<Fleet, 'findByKid'>;
  readonly verify: Verify;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
}

/** How long a new connection may take to say who it is, ms. */
const HELLO_MS = 10_000;

/**
 * Greets a new connection and hands it over once the LCU has proven who it is; every later message goes to the listener
 * that `greeted` returns. A connection that fails is closed with the code, and `refused` is told.
 */
export function acceptLcu(
  channel: Channel,
  deps: AcceptDeps,
  greeted: (greeted: Greeted, channel: Channel) => (frame: Uint8Array) => void,
  refused: (refusal: Refusal, channel: Channel) => void,
): void {
  const sent = makeHello(deps.identity, deps.random, deps.clock.now().wallMs);
  let deliver: ((frame: Uint8Array) => void) | undefined;
  let ended = false;
  const timer = deps.timers.after(HELLO_MS, () => end({ ok: false, code: 'answer-missing', facts: { deadlineMs: HELLO_MS } }));

  function end(refusal: Refusal): void {
    ended = true;
    timer.cancel();
    channel.close(refusal.code);
    refused(refusal, channel);
  }

  channel.onClose(() => {
    ended = true;
    timer.cancel();
  });
  channel.onMessage((frame) => {
    if (deliver) return deliver(frame);
    if (ended) return;
    timer.cancel();
    const judged = judgeHelloAnswer(frame, sent, deps.fleet, deps.verify);
    if (judged.ok) deliver = greeted(judged.value, channel);
    else end(judged);
  });
  channel.send(sent.frame);
}
