import type { Socket } from 'node:net';
import { eventOrClose } from './hostile-client.js';

/** As docs/limits.md says. */
const UNSENT_BYTES = 1024 * 1024;
const MESSAGE_BYTES = 64 * 1024;
/** Messages after which nobody is cut off any more: far more than a kernel takes on its way. */
const MESSAGES = 2000;
/** What the last message, its frames and the last record of TLS may come to beyond the bound. */
const SLACK_BYTES = 2 * MESSAGE_BYTES;

/** Sends to who does not read until that one is cut off; gives how many bytes were sent before. */
export async function sendUntilCut(send: (message: Uint8Array) => void, isCut: () => boolean): Promise<number> {
  const message = new Uint8Array(MESSAGE_BYTES);
  for (let sent = 0; sent < MESSAGES; sent++) {
    send(message);
    if (isCut()) return sent * MESSAGE_BYTES;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error('it was not cut off');
}

/**
 * Why the sender did not keep to its bound: what it had sent, but for what comes after all to the reader, it held itself; the
 * rest lay in the kernel. Undefined where it kept to it.
 */
export async function heldTooMuch(sent: number, reader: Socket): Promise<string | undefined> {
  let read = 0;
  reader.on('data', (bytes: Buffer) => (read += bytes.length));
  reader.resume();
  await eventOrClose(reader, 'close');
  const held = sent - read;
  return held > UNSENT_BYTES + SLACK_BYTES ? `${held} of ${sent} bytes were held` : undefined;
}
