import type { WebSocket } from 'ws';

/** The other side of a channel under test. */
export interface ChannelPeer {
  readonly heard: () => readonly Uint8Array[];
  /** What it was told at the end; undefined while the connection is open. */
  readonly ended: () => { readonly code: number; readonly reason: string } | undefined;
  /** Sends a message, if it still can. */
  say(message: Uint8Array): void;
  /** Closes in order. */
  leave(code: number, reason: string): void;
  /** Is gone without a word. */
  vanish(): void;
}

/** A peer that speaks WebSocket; to be made in the turn in which the connection is open, or before. */
export function wsPeer(ws: WebSocket): ChannelPeer {
  const heard: Uint8Array[] = [];
  let ended: ReturnType<ChannelPeer['ended']>;
  ws.on('error', () => undefined);
  ws.on('message', (data: Buffer) => heard.push(data));
  ws.on('close', (code, reason) => (ended = { code, reason: reason.toString() }));
  return {
    heard: () => heard,
    ended: () => ended,
    say: (message) => ws.send(message, () => undefined),
    leave: (code, reason) => ws.close(code, reason),
    vanish: () => ws.terminate(),
  };
}

/** Waits, letting input in, until it is so; ava ends a test in which it never is. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}
