import type { Clock, ErrorCode, Facts, Timer, Timers } from '@farola/shared';
import type WebSocket from 'ws';
import type { IdleTime } from './idle-time.js';

/** What watching a connection needs. */
export interface KeepAliveOptions {
  /** Tells the silence after which the connection is pinged, and is told when that was too long. */
  readonly idle: Pick<IdleTime, 'ms' | 'lost'>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly warn: (code: ErrorCode, facts: Facts) => void;
}

/** Time that a ping may stay without any sign of life, ms. */
const PONG_TIMEOUT_MS = 30_000;

/**
 * Pings a connection only when it has been silent for the idle time, since the poll is the heartbeat (DESIGN 3.9), and
 * ends it when that brings no sign of life.
 */
export function keepAlive(ws: WebSocket, options: KeepAliveOptions): { stop(): void } {
  const { idle, clock, timers, warn } = options;
  let heardMs = clock.now().monoMs;
  let heard = false;
  let pingedAfterMs = 0;
  let timer: Timer;
  const hear = (): void => {
    heard = true;
    heardMs = clock.now().monoMs;
  };
  for (const event of ['message', 'ping', 'pong']) ws.on(event, hear);
  const watch = (): void => {
    const silentMs = clock.now().monoMs - heardMs;
    const idleMs = idle.ms(clock.now().monoMs);
    if (silentMs < idleMs) return wait(idleMs - silentMs, watch);
    pingedAfterMs = silentMs;
    heard = false;
    ws.ping();
    wait(PONG_TIMEOUT_MS, expect);
  };
  const expect = (): void => {
    if (heard) return watch();
    const silentMs = clock.now().monoMs - heardMs;
    idle.lost(pingedAfterMs, clock.now().monoMs);
    warn('connection-idle', { silentMs });
    ws.terminate();
  };
  function wait(delayMs: number, then: () => void): void {
    timer = timers.after(delayMs, then);
  }
  watch();
  return { stop: () => timer.cancel() };
}
