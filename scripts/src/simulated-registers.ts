import type { Profile, ProfileRow, RegisterPart } from '@farola/agent/meter/profile/profile.js';
import { registersOf } from '@farola/agent/meter/profile/register-type.js';

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
    for (const [part, raw] of rawParts(row, valueOf(row.quantity) ?? 0)) place(registers, part, raw, profile);
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

function place(registers: Registers, { addr, type }: RegisterPart, raw: number, { wordOrder }: Profile): void {
  const words = registersOf(type);
  const view = new DataView(new ArrayBuffer(8));
  if (type === 'float32') view.setFloat32(0, raw);
  else if (type === 'float64') view.setFloat64(0, raw);
  else view.setBigInt64(0, BigInt(Math.round(raw)) << BigInt(64 - 16 * words));
  for (let word = 0; word < words; word++) {
    const offset = wordOrder === 'highFirst' ? word : words - 1 - word;
    registers.set(addr + offset, view.getUint16(2 * word));
  }
}
