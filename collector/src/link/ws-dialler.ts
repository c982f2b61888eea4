import { FarolaError, LIMITS, type Timers } from '@farola/shared';
import { WebSocket } from 'ws';
import type { DialLcu, Receivers } from './channel.js';
import { wsChannel } from './ws-listener.js';

/** What a dialler works with. */
export interface WsDiallerOptions {
  readonly timers: Timers;
  /** A connection over which nothing came for so long is given up, ms: an LCU that lost its power says no good-bye. */
  readonly silenceMs: number;
  /** Told what taking a message threw; that connection is ended. */
  readonly failed: Receivers['failed'];
}

const HANDSHAKE_MS = 10_000;
/** Time that an LCU has to answer our close frame, ms. */
const CLOSE_MS = 1_000;

/** Dials LCUs over a VPN, by WebSocket without TLS: messages are signed, and the VPN keeps them secret. */
export function wsLcuDialler({ timers, silenceMs, failed }: WsDiallerOptions): DialLcu {
  return ({ lcuId, host, port }, opened, signal) =>
    new Promise((resolve, reject) => {
      const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
      const settings = {
        maxPayload: LIMITS.frameBytes,
        perMessageDeflate: false,
        skipUTF8Validation: true,
        handshakeTimeout: HANDSHAKE_MS,
        closeTimeout: CLOSE_MS,
        followRedirects: false,
      };
      const ws = new WebSocket(`ws://${address}/v1/lcu`, settings);
      const abort = (): void => ws.terminate();
      const fail = (error: Error): void => {
        signal.removeEventListener('abort', abort);
        reject(new FarolaError('lcu-unreachable', { lcu: lcuId, address, reason: error.message }, { cause: error }));
      };
      if (signal.aborted) abort();
      else signal.addEventListener('abort', abort, { once: true });
      ws.once('error', fail);
      ws.once('open', () => {
        ws.off('error', fail);
        signal.removeEventListener('abort', abort);
        endWhenSilent(ws, timers, silenceMs);
        opened(wsChannel(ws, { remoteAddress: host, remotePort: port }, { failed }));
        resolve();
      });
    });
}

function endWhenSilent(ws: WebSocket, timers: Timers, silenceMs: number): void {
  const end = (): void => ws.terminate();
  let timer = timers.after(silenceMs, end);
  ws.on('message', () => {
    timer.cancel();
    timer = timers.after(silenceMs, end);
  });
  ws.once('close', () => timer.cancel());
}
