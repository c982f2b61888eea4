import type { Socket } from 'node:net';
import { type Clock, LIMITS, refuse, type Refusal, TokenBucket } from '@farola/shared';
import type { WebSocket } from 'ws';
import type { Channel, Receivers } from './channel.js';
import { remoteOf } from './tcp-doorway.js';

/** Private close code, RFC 6455 section 7.4.2: the reason is a code of the error table. */
export const CLOSE_CODE = 4000;
/** Fragments of one message. Our agent sends one, whatever its size. */
const FRAGMENT_LIMIT = 64;
/** Pieces that an unfinished frame came in: the largest frame has some 500 of the smallest segments of TCP. */
const CHUNK_LIMIT = 1024;
/** How long the other side may take to answer our close frame, ms. */
const CLOSE_ANSWER_MS = 2000;
/** RFC 6455 section 7.4.1: messages are binary. */
const UNSUPPORTED_DATA = 1003;
/** A reader that leaves more than this unread is cut off, bytes. */
const UNSENT_LIMIT = 1024 * 1024;
/** Pings and pongs that a connection may send in a minute. Our agent sends six at most. */
const CONTROLS_A_MINUTE = 30;
/** What a stranger may send, bytes: a signed message and a token. */
const STRANGER_BYTES = LIMITS.signedBytes + LIMITS.entryBytes;

/** Settings of ws that hold for each connection, whoever dialled. */
export const WS_BOUNDS = {
  maxPayload: LIMITS.frameBytes,
  maxFragments: FRAGMENT_LIMIT,
  maxBufferedChunks: CHUNK_LIMIT,
  perMessageDeflate: false,
  skipUTF8Validation: true,
  closeTimeout: CLOSE_ANSWER_MS,
} as const;

/** What channels tell beside their messages. */
export interface ChannelReports extends Pick<Receivers, 'refused' | 'failed'> {
  /** The other side has proven who it is. */
  proven(remote: string): void;
}

/**
 * A WebSocket connection as a channel, within its bounds; one that goes beyond them is cut off and told as refused. To be
 * made in the turn in which the connection is open.
 */
export function wsChannel(ws: WebSocket, socket: Socket, reports: ChannelReports, clock: Clock): Channel {
  const remote = remoteOf(socket);
  const cutOff = (refusal: Refusal): void => {
    if (ws.readyState !== ws.CLOSED) reports.refused(refusal, remote);
    ws.terminate();
  };
  ws.on('error', (error) => cutOff(refusalOf(error)));
  boundControls(ws, clock, cutOff);
  const trust = boundStranger(socket, cutOff);
  return {
    remote,
    proven() {
      trust();
      reports.proven(remote);
    },
    send(message) {
      if (ws.bufferedAmount > UNSENT_LIMIT) cutOff(refuse('reader-slow', { limit: UNSENT_LIMIT }));
      else if (ws.readyState === ws.OPEN) ws.send(message, { binary: true });
    },
    close: (reason) => ws.close(CLOSE_CODE, reason),
    onMessage(listener) {
      ws.on('message', (data: Buffer, isBinary: boolean) => {
        if (!isBinary) return ws.close(UNSUPPORTED_DATA);
        try {
          listener(data);
        } catch (error) {
          reports.failed(error, remote);
          ws.terminate();
        }
      });
    },
    onClose: (listener) => void ws.once('close', listener),
  };
}

function boundControls(ws: WebSocket, clock: Clock, cutOff: (refusal: Refusal) => void): void {
  const bucket = new TokenBucket(CONTROLS_A_MINUTE, CONTROLS_A_MINUTE / 60, clock.now().monoMs);
  const count = (): void => {
    if (!bucket.take(clock.now().monoMs)) cutOff(refuse('control-flood', { limit: CONTROLS_A_MINUTE }));
  };
  ws.on('ping', count).on('pong', count);
}

/** Bounds what comes in until the returned function is called. */
function boundStranger(socket: Socket, cutOff: (refusal: Refusal) => void): () => void {
  let bytes = 0;
  const count = (data: Buffer): void => {
    bytes += data.length;
    if (bytes > STRANGER_BYTES) cutOff(refuse('frame-too-large', { bytes, limit: STRANGER_BYTES }));
  };
  socket.on('data', count);
  return () => void socket.off('data', count);
}

function refusalOf(error: Error & { readonly code?: string }): Refusal {
  switch (error.code) {
    case 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH':
    case 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH':
      return refuse('frame-too-large', { bytes: 'a frame', limit: LIMITS.frameBytes });
    case 'WS_ERR_TOO_MANY_BUFFERED_PARTS':
      return refuse('frame-fragmented', { fragments: FRAGMENT_LIMIT, chunks: CHUNK_LIMIT });
    default:
      return refuse('frame-malformed', { reason: error.message });
  }
}
