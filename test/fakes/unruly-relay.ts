import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { crc16, parseReadRequest, withCrc } from '@farola/agent/meter/line/rtu-frame.js';
import type { ReadRequest } from '@farola/agent/meter/line/rtu-frame.js';
import { pause, systemTimers } from '@farola/shared';
import type { ExecutionContext } from 'ava';

/** How bytes are framed on a line: RTU with a CRC, or Modbus TCP with a header. */
export type Framing = 'rtu' | 'tcp';

/** What is done to an answer on its way. */
export type Manner =
  | 'straight'
  | 'byte-by-byte'
  | 'in-halves'
  | 'echo'
  | 'late'
  | 'never'
  | 'twice'
  | 'cut-short'
  | 'wrong-crc'
  | 'other-unit'
  | 'other-function'
  | 'junk-before'
  | 'junk-behind'
  | 'junk-instead'
  | 'other-transaction';

/** The manners that mean something with a framing. Only a transceiver of RS-485 sends a question back. An RTU answer that comes twice, each time by itself, nobody can tell from two. */
export const MANNERS: Readonly<Record<Framing, readonly Manner[]>> = {
  rtu: [
    'straight',
    'byte-by-byte',
    'in-halves',
    'echo',
    'late',
    'never',
    'cut-short',
    'wrong-crc',
    'other-unit',
    'other-function',
    'junk-before',
    'junk-behind',
    'junk-instead',
  ],
  tcp: [
    'straight',
    'byte-by-byte',
    'in-halves',
    'late',
    'never',
    'twice',
    'cut-short',
    'other-unit',
    'other-function',
    'junk-instead',
    'other-transaction',
  ],
};

/** What stands behind a relay: a slave written by others. */
export interface RelayedSlave {
  write(bytes: Uint8Array): void;
  onBytes(take: (bytes: Uint8Array) => void): void;
}

/** How a relay passes on. */
export interface RelayOptions {
  readonly framing: Framing;
  readonly slave: RelayedSlave;
  /** What is done to the answer to each question. */
  readonly manner: (question: ReadRequest) => Manner;
  /** Settles when the newest question was given up, or answered: a late answer comes only then, however busy the machine is. */
  readonly over: () => Promise<void>;
  /** How long after that a late answer comes, ms. */
  readonly lateMs: number;
  /** Numbers from 0 up to 1. */
  readonly random: () => number;
}

const BETWEEN_BYTES_MS = 1;
const BETWEEN_HALVES_MS = 15;
/** Makes function 3 of 4, and 4 of 3. */
const READS_OTHER = 0x07;
const UNIT_AT: Readonly<Record<Framing, number>> = { rtu: 0, tcp: 6 };

/**
 * Stands between a line and a slave and passes on question by question; answers are treated as they are told to be. What it passes
 * on of an answer is the slave's own but for what it breaks.
 */
export async function startUnrulyRelay(t: ExecutionContext, options: RelayOptions): Promise<number> {
  const { framing, slave, lateMs } = options;
  let newest: Socket | undefined;
  let received: Uint8Array = new Uint8Array();
  let asked: Manner = 'straight';
  let answer: Uint8Array = new Uint8Array();

  const server = createServer({ noDelay: true }, (socket) => {
    newest = socket;
    received = new Uint8Array();
    t.teardown(() => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
      const length = framing === 'rtu' ? 8 : 12;
      if (received.length < length) return;
      const question = received.subarray(0, length);
      received = received.subarray(length);
      asked = options.manner(parseReadRequest(framing === 'rtu' ? question : withCrc(question.subarray(6))));
      answer = new Uint8Array();
      // What a transceiver that listens while it sends puts before the answer.
      if (asked === 'echo') socket.write(question);
      slave.write(question);
    });
  });
  slave.onBytes((bytes) => {
    answer = Buffer.concat([answer, bytes]);
    if (answer.length < lengthOf(answer, framing)) return;
    const whole = answer;
    answer = new Uint8Array();
    void pass(whole, asked);
  });

  async function pass(whole: Uint8Array, manner: Manner): Promise<void> {
    const send = (bytes: Uint8Array): void => void newest?.write(bytes);
    if (manner === 'never') return;
    if (manner === 'late') {
      await options.over();
      await pause(systemTimers, lateMs);
    }
    if (manner === 'byte-by-byte' || manner === 'in-halves') {
      const step = manner === 'byte-by-byte' ? 1 : Math.ceil(whole.length / 2);
      for (let at = 0; at < whole.length; at += step) {
        send(whole.subarray(at, at + step));
        await pause(systemTimers, step === 1 ? BETWEEN_BYTES_MS : BETWEEN_HALVES_MS);
      }
      return;
    }
    send(broken(whole, manner));
  }

  function broken(whole: Uint8Array, manner: Manner): Uint8Array {
    const unitAt = UNIT_AT[framing];
    switch (manner) {
      case 'twice':
        return Buffer.concat([whole, whole]);
      case 'cut-short':
        return whole.subarray(0, Math.max(1, Math.floor(options.random() * (whole.length - 1))));
      case 'wrong-crc':
        return changed(whole, whole.length - 1, 0x55);
      case 'other-unit':
        return mended(changed(whole, unitAt, 0x10), framing);
      case 'other-function':
        return mended(changed(whole, unitAt + 1, READS_OTHER), framing);
      case 'other-transaction':
        return changed(whole, 1, 0x80);
      case 'junk-before':
        return Buffer.concat([junk(), whole]);
      case 'junk-behind':
        return Buffer.concat([whole, junk()]);
      case 'junk-instead':
        return junk();
      default:
        return whole;
    }
  }

  function junk(): Uint8Array {
    return Uint8Array.from({ length: 1 + Math.floor(options.random() * 40) }, () => Math.floor(options.random() * 256));
  }

  t.teardown(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Bytes of the whole answer of which this is the beginning; Infinity while it is too short to tell. */
function lengthOf(answer: Uint8Array, framing: Framing): number {
  if (framing === 'tcp') return answer.length < 6 ? Infinity : 6 + ((answer[4] ?? 0) << 8) + (answer[5] ?? 0);
  if (answer.length < 3) return Infinity;
  return (answer[1] ?? 0) >= 0x80 ? 5 : 5 + (answer[2] ?? 0);
}

function changed(bytes: Uint8Array, at: number, bits: number): Uint8Array {
  const copy = new Uint8Array(bytes);
  copy[at] = (copy[at] ?? 0) ^ bits;
  return copy;
}

/** With a CRC that fits again, where there is one. */
function mended(bytes: Uint8Array, framing: Framing): Uint8Array {
  if (framing === 'tcp') return bytes;
  const crc = crc16(bytes, bytes.length - 2);
  return Uint8Array.of(...bytes.subarray(0, -2), crc & 0xff, crc >>> 8);
}
