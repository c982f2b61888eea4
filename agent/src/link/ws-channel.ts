import { boundControls, CONTROLS_A_MINUTE, type ErrorCode, type Facts, LIMITS, UNSENT_LIMIT, WS_BOUNDS } from '@farola/shared';
import WebSocket, { type RawData } from 'ws';
import type { Channel, ChannelEvents } from './channel.js';
import { keepAlive, type KeepAliveOptions } from './ws-keep-alive.js';

/** What a connection is watched with; `warn` is told why it is given up. */
export type WsChannelOptions = KeepAliveOptions;

/** The channel of an open connection. One that leaves too much unread is cut off. */
export function channelOf(ws: WebSocket, { warn }: Pick<WsChannelOptions, 'warn'>): Channel {
  return {
    send(bytes) {
      if (ws.readyState !== WebSocket.OPEN) return;
      if (ws.bufferedAmount > UNSENT_LIMIT) {
        warn('reader-slow', { limit: UNSENT_LIMIT });
        ws.terminate();
      } else ws.send(bytes);
    },
    close: (code, reason) => ws.close(code, reason),
  };
}

/** Tells the events of an open connection, bounds what comes, and pings it when it has been silent for long. */
export function listen(ws: WebSocket, events: ChannelEvents, options: WsChannelOptions): void {
  const alive = keepAlive(ws, options);
  let failure: ErrorCode | undefined;
  const fail = (code: ErrorCode, facts: Facts): void => {
    failure ??= code;
    options.warn(code, facts);
  };
  ws.on('message', (data: RawData, isBinary) => {
    if (isBinary && data instanceof Buffer) return events.message(data);
    fail('frame-malformed', { reason: 'a text message' });
    ws.close(1003);
  });
  boundControls(ws, options.clock, () => {
    if (ws.readyState === ws.CLOSED) return;
    fail('control-flood', { limit: CONTROLS_A_MINUTE });
    ws.terminate();
  });
  // ws closes the connection itself after each of its errors.
  ws.on('error', (error: Error & { readonly code?: string }) => {
    if (error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
      return fail('frame-too-large', { bytes: 'a frame', limit: LIMITS.frameBytes });
    if (error.code === 'WS_ERR_TOO_MANY_BUFFERED_PARTS') {
      return fail('frame-fragmented', { fragments: WS_BOUNDS.maxFragments, chunks: WS_BOUNDS.maxBufferedChunks });
    }
    fail('frame-malformed', { reason: error.message });
  });
  ws.on('close', (code, reason) => {
    alive.stop();
    events.closed(code, failure ?? reason.toString());
  });
}
