import type { Profile } from '@farola/agent/meter/profile/profile.js';
import { crcFits, withCrc } from '@farola/agent/meter/line/rtu-frame.js';
import type { Registers } from './simulated-registers.js';

const REQUEST_LENGTH = 8;
/** Modbus application protocol V1.1b3, section 7. */
const EXCEPTION = { illegalFunction: 1, illegalAddress: 2, illegalValue: 3 } as const;

/** Cuts whole read requests out of a stream of bytes. A byte that begins none is dropped. */
export function takeRequests(bytes: Uint8Array): { requests: Uint8Array[]; rest: Uint8Array } {
  const requests: Uint8Array[] = [];
  let start = 0;
  while (bytes.length - start >= REQUEST_LENGTH) {
    const frame = bytes.subarray(start, start + REQUEST_LENGTH);
    const whole = crcFits(frame);
    if (whole) requests.push(frame);
    start += whole ? REQUEST_LENGTH : 1;
  }
  return { requests, rest: bytes.slice(start) };
}

/**
 * What a slave answers to a request frame; undefined when the unit is not there, as nothing answers on a line then.
 * Registers between the first and the last of a map that hold nothing read as 0. Those of facts answer what they are when they are
 * asked for alone; where the profile says `exclusive`, they are other registers in a block.
 */
export function answerRequest(
  request: Uint8Array,
  registersOf: (unit: number) => [Profile, Registers, Registers?] | undefined,
): Uint8Array | undefined {
  const view = new DataView(request.buffer, request.byteOffset, request.length);
  const [unit, functionCode] = [view.getUint8(0), view.getUint8(1)];
  const found = registersOf(unit);
  if (!found) return undefined;
  const [profile, values, facts = new Map<number, number>()] = found;
  const [address, count] = [view.getUint16(2), view.getUint16(4)];
  const registers = facts.has(address) ? facts : values;
  const exception = refusal(profile, registers, functionCode, address, count);
  if (exception !== undefined) return withCrc(Uint8Array.of(unit, functionCode | 0x80, exception));
  const data = Array.from({ length: count }, (_, index) => registers.get(address + index) ?? 0);
  return withCrc(Uint8Array.of(unit, functionCode, 2 * count, ...data.flatMap((word) => [word >> 8, word & 0xff])));
}

function refusal(
  profile: Profile,
  registers: Registers,
  functionCode: number,
  address: number,
  count: number,
): number | undefined {
  if (functionCode !== profile.functionCode) return EXCEPTION.illegalFunction;
  const odd = profile.evenCountOnly && count % 2 === 1;
  if (count < 1 || count > profile.maxRegisters || odd) return EXCEPTION.illegalValue;
  const known = [...registers.keys()];
  const inside = address >= Math.min(...known) && address + count - 1 <= Math.max(...known);
  return inside ? undefined : EXCEPTION.illegalAddress;
}
