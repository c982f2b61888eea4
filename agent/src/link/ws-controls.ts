import { type Clock, type ErrorCode, type Facts, TokenBucket } from '@farola/shared';
import type WebSocket from 'ws';

/** Pings and pongs that the other side may send in a minute. Our collector sends none but pongs to our pings. */
const CONTROLS_A_MINUTE = 30;

/** Ends a connection whose other side sends pings and pongs without end, with the code `control-flood`. */
export function boundControls(ws: WebSocket, clock: Clock, fail: (code: ErrorCode, facts: Facts) => void): void {
  const bucket = new TokenBucket(CONTROLS_A_MINUTE, CONTROLS_A_MINUTE / 60, clock.now().monoMs);
  const count = (): void => {
    if (bucket.take(clock.now().monoMs) || ws.readyState === ws.CLOSED) return;
    fail('control-flood', { limit: CONTROLS_A_MINUTE });
    ws.terminate();
  };
  ws.on('ping', count).on('pong', count);
}
