import type { Clock } from '../clock.js';
import { LIMITS } from '../envelope/limits.js';
import { TokenBucket } from '../token-bucket.js';

/** Fragments of one message. Both sides of ours send one, whatever its size. */
const FRAGMENT_LIMIT = 64;
/** Pieces that an unfinished frame comes in: the largest frame has some 500 of the smallest segments of TCP. */
const CHUNK_LIMIT = 1024;
/** Time that the other side has to answer our close frame, ms. */
const CLOSE_TIMEOUT_MS = 2_000;

/** Settings of ws that hold for each connection, on both sides, whoever dialled. */
export const WS_BOUNDS = {
  maxPayload: LIMITS.frameBytes,
  maxFragments: FRAGMENT_LIMIT,
  maxBufferedChunks: CHUNK_LIMIT,
  perMessageDeflate: false,
  closeTimeout: CLOSE_TIMEOUT_MS,
} as const;

/** A reader that leaves more than this unread is cut off, bytes: an answer has some 160 KiB at most. */
export const UNSENT_LIMIT = 1024 * 1024;

/** Pings and pongs that the other side may send in a minute. Our agent sends six at most, our collector pongs alone. */
export const CONTROLS_A_MINUTE = 30;

/** What tells pings and pongs: a WebSocket of ws. */
interface Pinged {
  on(event: 'ping' | 'pong', listener: () => void): unknown;
}

/** Counts pings and pongs from now on, and calls `flooded` with the first that is beyond the bound. */
export function boundControls(ws: Pinged, clock: Clock, flooded: () => void): void {
  const bucket = new TokenBucket(CONTROLS_A_MINUTE, CONTROLS_A_MINUTE / 60, clock.now().monoMs);
  let told = false;
  const count = (): void => {
    // What was received with it is still told to us after the connection was ended.
    if (told || bucket.take(clock.now().monoMs)) return;
    told = true;
    flooded();
  };
  ws.on('ping', count);
  ws.on('pong', count);
}
