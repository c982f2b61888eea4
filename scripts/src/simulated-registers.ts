import type { Profile, ProfileRow, RegisterPart } from '@farola/agent/meter/profile/profile.js';
import { lengthOf } from '@farola/agent/meter/profile/register-type.js';

/** Registers by address. */
export type Registers = Map<number, number>;

/**
 * The registers in which an analyser of this profile shows these values: the inverse of the agent's decoding. A
 * quantity without a value shows 0, as a meter does.
 * @param valueOf value of a quantity in its unit
 */
export function encodeRegisters(profile: Profile, valueOf: (quantity: string) => number | undefined): Registers {
  const registers: Registers = new Map();
  for (const row of profile.rows) {
    const orders = { wordOrder: row.wordOrder ?? profile.wordOrder, byteOrder: row.byteOrder ?? profile.byteOrder };
    for (const [part, raw] of rawParts(row, valueOf(row.quantity) ?? 0)) place(registers, part, raw, orders);
  }
  return registers;
}

function rawParts(row: ProfileRow, value: number): [RegisterPart, number][] {
  if (!('composite' in row)) return [[row, value / row.scale]];
  const { high, low } = row.composite;
  const coarse = Math.floor(value / high.scale);
  return [
    [high, coarse],
    [low, (value - coarse * high.scale) / low.scale],
  ];
}

function place(registers: Registers, part: RegisterPart, raw: number, { wordOrder, byteOrder }: Orders): void {
  const words = lengthOf(part);
  const view = new DataView(new ArrayBuffer(8));
  if (part.type === 'float32') view.setFloat32(0, raw);
  else if (part.type === 'float64') view.setFloat64(0, raw);
  else view.setBigInt64(0, bitsOfWhole(BigInt(Math.round(raw)), part.type) << BigInt(64 - 16 * words));
  for (let word = 0; word < words; word++) {
    const offset = wordOrder === 'highFirst' ? word : words - 1 - word;
    registers.set(part.addr + offset, view.getUint16(2 * word, byteOrder === 'lowFirst'));
  }
}

function bitsOfWhole(whole: bigint, type: RegisterPart['type']): bigint {
  return type === 'bcd' ? BigInt(`0x${whole}`) : whole;
}

/** How a row lies in its registers. */
type Orders = Pick<Profile, 'wordOrder' | 'byteOrder'>;
