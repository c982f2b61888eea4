import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { encodeAdu } from '@farola/agent/meter/line/mbap.js';
import { parseReadRequest, withCrc } from '@farola/agent/meter/line/rtu-frame.js';
import type { ReadRequest } from '@farola/agent/meter/line/rtu-frame.js';
import { systemTimers } from '@farola/shared';
import type { ExecutionContext } from 'ava';
import { dataAnswer } from './modbus-frames.js';

/** How a slave, and the gateway before it, deal with one question: when its answer leaves, or that it never does. */
export type Delay = number | 'never';

/** What a late slave is told. */
export interface LateSlaveOptions {
  /** `zero`: Modbus TCP through a gateway that answers transaction 0 whatever was asked. */
  readonly framing: 'rtu' | 'zero';
  /** ms until the answer leaves, drawn for each question. */
  readonly delay: () => Delay;
  /** An answer that the machine would let leave later than this is not sent: of such ones the line claims nothing. */
  readonly worstMs: number;
}

/** What stands in a register: never that of another one nearby. */
export function registerAt(address: number): number {
  return (address * 40_503 + 7) & 0xffff;
}

/**
 * A slave whose answers come late, and out of their order when they do, to whoever is connected then: a serial gateway
 * passes on what it receives, and does not know for whom it was.
 */
export async function startLateSlave(
  t: ExecutionContext,
  options: LateSlaveOptions,
): Promise<{ port: number; late: () => number }> {
  let newest: Socket | undefined;
  let late = 0;
  const server = createServer((socket) => {
    newest = socket;
    let received: Uint8Array = new Uint8Array();
    t.teardown(() => socket.destroy());
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes]);
      const length = options.framing === 'rtu' ? 8 : 12;
      while (received.length >= length) {
        answer(requestIn(received.subarray(0, length), options.framing));
        received = received.subarray(length);
      }
    });
  });

  function answer({ unit, functionCode, address, count }: ReadRequest): void {
    const delayMs = options.delay();
    if (delayMs === 'never') return;
    const registers = Array.from({ length: count }, (_, index) => registerAt(address + index));
    const rtuFrame = dataAnswer(unit, registers, functionCode);
    const bytes = options.framing === 'rtu' ? rtuFrame : encodeAdu({ transaction: 0, rtuFrame });
    if (delayMs > 0) late++;
    const askedAtMs = performance.now();
    const leave = (): void => {
      if (performance.now() - askedAtMs <= options.worstMs) newest?.write(bytes);
    };
    if (delayMs > 0) systemTimers.after(delayMs, leave);
    else leave();
  }

  t.teardown(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, late: () => late };
}

function requestIn(bytes: Uint8Array, framing: LateSlaveOptions['framing']): ReadRequest {
  return parseReadRequest(framing === 'rtu' ? bytes : withCrc(bytes.subarray(6)));
}
