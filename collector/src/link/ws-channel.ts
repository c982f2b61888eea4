import type { Socket } from 'node:net';
import {
  boundControls,
  type Clock,
  CONTROLS_A_MINUTE,
  LIMITS,
  refuse,
  type Refusal,
  UNSENT_LIMIT,
  WS_BOUNDS,
} from '@farola/shared';
import type { WebSocket } from 'ws';
import type { Channel, Receivers } from './channel.js';
import { remoteOf } from './tcp-doorway.js';

/** Private close code, RFC 6455 section 7.4.2: the reason is a code of the error table. */
export const CLOSE_CODE = 4000;
/** RFC 6455 section 7.4.1: messages are binary. */
const UNSUPPORTED_DATA = 1003;
/** What a stranger may send, bytes: a signed message and a token. */
const STRANGER_BYTES = LIMITS.signedBytes + LIMITS.entryBytes;

/** Settings of ws on our side: a text message is refused whatever it holds, so nobody looks whether it is UTF-8. */
export const WS_SETTINGS = { ...WS_BOUNDS, skipUTF8Validation: true } as const;

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
  return new WsChannel(ws, socket, reports, clock);
}

/** There are thousands of these, so that each holds few functions of its own. */
class WsChannel implements Channel {
  readonly remote: string;
  readonly #ws: WebSocket;
  readonly #reports: ChannelReports;
  /** Ends the bounds that hold for strangers. */
  #trust: (() => void) | undefined;

  constructor(ws: WebSocket, socket: Socket, reports: ChannelReports, clock: Clock) {
    this.remote = remoteOf(socket);
    this.#ws = ws;
    this.#reports = reports;
    ws.on('error', (error) => this.#cutOff(refusalOf(error)));
    boundControls(ws, clock, () => this.#cutOff(refuse('control-flood', { limit: CONTROLS_A_MINUTE })));
    this.#trust = boundStranger(socket, (refusal) => this.#cutOff(refusal));
  }

  proven(): void {
    this.#trust?.();
    this.#trust = undefined;
    this.#reports.proven(this.remote);
  }

  send(message: Uint8Array): void {
    const ws = this.#ws;
    if (ws.bufferedAmount > UNSENT_LIMIT) this.#cutOff(refuse('reader-slow', { limit: UNSENT_LIMIT }));
    else if (ws.readyState === ws.OPEN) ws.send(message, { binary: true });
  }

  close(reason: Parameters<Channel['close']>[0]): void {
    this.#ws.close(CLOSE_CODE, reason);
  }

  onMessage(listener: (message: Uint8Array) => void): void {
    const ws = this.#ws;
    ws.on('message', (data: Buffer, isBinary: boolean) => {
      if (!isBinary) return ws.close(UNSUPPORTED_DATA);
      try {
        listener(data);
      } catch (error) {
        this.#reports.failed(error, this.remote);
        ws.terminate();
      }
    });
  }

  onClose(listener: () => void): void {
    this.#ws.on('close', listener);
  }

  #cutOff(refusal: Refusal): void {
    if (this.#ws.readyState !== this.#ws.CLOSED) this.#reports.refused(refusal, this.remote);
    this.#ws.terminate();
  }
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
      return refuse('frame-fragmented', { fragments: WS_BOUNDS.maxFragments, chunks: WS_BOUNDS.maxBufferedChunks });
    default:
      return refuse('frame-malformed', { reason: error.message });
  }
}
