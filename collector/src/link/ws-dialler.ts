import type { Socket } from 'node:net';
import { type Clock, FarolaError, type Timers } from '@farola/shared';
import { WebSocket } from 'ws';
import type { DialLcu } from './channel.js';
import { type ChannelReports, WS_SETTINGS, wsChannel } from './ws-channel.js';

/** What a dialler works with. */
export interface WsDiallerOptions extends Pick<ChannelReports, 'refused' | 'failed'> {
  readonly clock: Clock;
  readonly timers: Timers;
  /** A connection over which nothing came for so long is given up, ms: an LCU that lost its power says no good-bye. */
  readonly silenceMs: number;
  /** How long a dial may take, from the first packet to the open connection, ms; 20 s unless said. */
  readonly dialMs?: number;
  /** What for: to poll, unless it is to hand a keys statement over. */
  readonly path?: '/v1/lcu' | '/v1/keys';
}

const HANDSHAKE_MS = 10_000;
/** Each stage ends when nothing comes; this ends an LCU that trickles. */
const DIAL_MS = 20_000;

/** Dials LCUs over a VPN, by WebSocket without TLS: messages are signed, and the VPN keeps them secret. */
export function wsLcuDialler(options: WsDiallerOptions): DialLcu {
  const { clock, timers, silenceMs, dialMs = DIAL_MS, path = '/v1/lcu' } = options;
  // Whom we dial is no stranger that the listener counts.
  const reports: ChannelReports = {
    proven: () => undefined,
    refused: (refusal, remote) => options.refused(refusal, remote),
    failed: (error, remote) => options.failed(error, remote),
  };
  return async ({ lcuId, host, port }, opened, signal) => {
    const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    const late = new AbortController();
    const deadline = timers.after(dialMs, () => late.abort());
    const begin = (ws: WebSocket, socket: Socket): void => {
      endWhenSilent(ws, timers, silenceMs);
      opened(wsChannel(ws, socket, reports, clock));
    };
    try {
      await dialOnce(`ws://${address}${path}`, begin, AbortSignal.any([signal, late.signal]));
    } catch (error) {
      const reason = late.signal.aborted ? `not connected within ${dialMs} ms` : messageOf(error);
      throw new FarolaError('lcu-unreachable', { lcu: lcuId, address, reason }, { cause: error });
    } finally {
      deadline.cancel();
    }
  };
}

/** Resolves when the connection is open; `begin` is called in the same turn, so that no message is missed. */
function dialOnce(url: string, begin: (ws: WebSocket, socket: Socket) => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(url, { ...WS_SETTINGS, handshakeTimeout: HANDSHAKE_MS, followRedirects: false });
    const abort = (): void => ws.terminate();
    const fail = (error: Error): void => {
      signal.removeEventListener('abort', abort);
      reject(error);
    };
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    ws.once('error', fail);
    ws.once('upgrade', ({ socket }) => {
      ws.once('open', () => {
        ws.off('error', fail);
        signal.removeEventListener('abort', abort);
        begin(ws, socket);
        resolve();
      });
    });
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
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
