import { withCrc } from '@farola/agent/meter/line/rtu-frame.js';

/** Bytes of text such as `0A 04 00`. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(text.trim().split(/\s+/), (byte) => Number.parseInt(byte, 16));
}

/** A read request. */
export function readRequest(unit: number, address: number, count: number, functionCode = 4): Uint8Array {
  return withCrc(Uint8Array.of(unit, functionCode, address >> 8, address & 0xff, count >> 8, count & 0xff));
}

/** An answer with these registers. */
export function dataAnswer(unit: number, registers: readonly number[], functionCode = 4): Uint8Array {
  const bytes = registers.flatMap((register) => [register >> 8, register & 0xff]);
  return withCrc(Uint8Array.of(unit, functionCode, bytes.length, ...bytes));
}

/** An exception answer. */
export function exceptionAnswer(unit: number, exception: number, functionCode = 4): Uint8Array {
  return withCrc(Uint8Array.of(unit, functionCode | 0x80, exception));
}
