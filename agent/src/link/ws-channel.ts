import { type ErrorCode, type Facts, LIMITS } from '@farola/shared';
import WebSocket, { type RawData } from 'ws';
import type { Channel, ChannelEvents } from './channel.js';
import { keepAlive, type KeepAliveOptions } from './ws-keep-alive.js';

/** What a connection is watched with; `warn` is told why it is given up. */
export type WsChannelOptions = KeepAliveOptions;

/** The channel of an open connection. */
export function channelOf(ws: WebSocket): Channel {
  return {
    send(bytes) {
      if (ws.readyState === WebSocket.OPEN) ws.send(bytes);
    },
    close: (code, reason) => ws.close(code, reason),
  };
}

/** Tells the events of an open connection, and pings it when it has been silent for long. */
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
  // ws closes the connection itself after each of its errors.
  ws.on('error', (error) => {
    if ('code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') {
      return fail('frame-too-large', { bytes: 'a frame', limit: LIMITS.frameBytes });
    }
    fail('frame-malformed', { reason: error.message });
  });
  ws.on('close', (code, reason) => {
    alive.stop();
    events.closed(code, failure ?? reason.toString());
  });
}
