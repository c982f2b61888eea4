import type { Profile } from '../../profile/profile.js';
import { crcFits, withCrc } from '../../line/rtu-frame.js';
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

/** Finds the model at a unit, its registers of a function, and those of its facts; undefined when nobody is there. */
export type FindDevice = (unit: number, functionCode: number) => [Profile, Registers, Registers?] | undefined;

/**
 * What a slave answers to a request frame; undefined when the unit is not there, as nothing answers on a line then. Registers
 * between those of a map read as 0, as far as the profile says that they may be read along; the others are refused, and so are more
 * registers than the model gives. Those of facts answer what they are when they are asked for alone; where the profile says
 * `exclusive`, they are other registers in a block.
 */
export function answerRequest(request: Uint8Array, find: FindDevice): Uint8Array | undefined {
  const view = new DataView(request.buffer, request.byteOffset, request.length);
  const [unit, functionCode] = [view.getUint8(0), view.getUint8(1)];
  const found = find(unit, functionCode);
  if (!found) return undefined;
  const [profile, values, facts = new Map<number, number>()] = found;
  const [address, count] = [view.getUint16(2), view.getUint16(4)];
  const exception = refusal(profile, { values, facts }, functionCode, address, count);
  if (exception !== undefined) return withCrc(Uint8Array.of(unit, functionCode | 0x80, exception));
  const asked = Array.from({ length: count }, (_, index) => address + index);
  const [first, second] = asked.every((register) => facts.has(register)) ? [facts, values] : [values, facts];
  const data = asked.map((register) => first.get(register) ?? second.get(register) ?? 0);
  return withCrc(Uint8Array.of(unit, functionCode, 2 * count, ...data.flatMap((word) => [word >> 8, word & 0xff])));
}

interface Held {
  readonly values: Registers;
  readonly facts: Registers;
}

function refusal(profile: Profile, held: Held, functionCode: number, address: number, count: number): number | undefined {
  if (functionCode !== profile.functionCode) return EXCEPTION.illegalFunction;
  const odd = profile.evenCountOnly && count % 2 === 1;
  if (count < 1 || count > profile.maxRegisters || odd) return EXCEPTION.illegalValue;
  return has(profile, held, address, address + count) ? undefined : EXCEPTION.illegalAddress;
}

/** Whether every register from `from` up to `to` is there. */
function has({ unreadable, maxHoleRegisters }: Profile, { values, facts }: Held, from: number, to: number): boolean {
  if (unreadable.some((span) => span.from < to && span.to >= from)) return false;
  const known = [...values.keys(), ...facts.keys()].toSorted((a, b) => a - b);
  let before = known.findLast((register) => register <= from) ?? -Infinity;
  if (before === -Infinity) return false;
  for (const register of known) {
    if (register <= before) continue;
    if (register - before - 1 > maxHoleRegisters && before + 1 < to) return false;
    before = register;
    if (before >= to - 1) return true;
  }
  return before >= to - 1;
}
