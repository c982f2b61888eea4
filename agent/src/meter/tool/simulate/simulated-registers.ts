import type { FactRegister, Profile, ProfileRow, RegisterPart } from '../../profile/profile.js';
import { lengthOf } from '../../profile/register-type.js';

/** Registers by address. */
export type Registers = Map<number, number>;

/**
 * The registers in which an analyser of this profile shows these values: the inverse of the agent's decoding. A
 * quantity without a value shows 0, as a meter does.
 * @param valueOf value of a quantity in its unit
 * @param functionCode only the registers of this function; all when it is not told
 */
export function encodeRegisters(
  profile: Profile,
  valueOf: (quantity: string) => number | undefined,
  functionCode?: number,
): Registers {
  const registers: Registers = new Map();
  for (const row of profile.rows) {
    if (!isOf(row, profile, functionCode)) continue;
    const orders = { wordOrder: row.wordOrder ?? profile.wordOrder, byteOrder: row.byteOrder ?? profile.byteOrder };
    for (const [part, raw] of rawParts(row, valueOf(row.quantity) ?? 0)) place(registers, part, raw, orders);
  }
  return registers;
}

/**
 * The registers in which it tells what it is and how it is set. What is not given holds nothing.
 * @param facts by the name of the fact or setting, as the registers hold them: a number, or text
 * @param functionCode only the registers of this function; all when it is not told
 */
export function encodeFacts(
  profile: Profile,
  facts: Readonly<Record<string, number | string>>,
  functionCode?: number,
): Registers {
  const registers: Registers = new Map();
  const { model, serialNumber, firmware, productName } = profile.identity ?? {};
  const named = { model, serialNumber, firmware, productName };
  const all = [...Object.entries(named), ...profile.setup.map((fact) => [fact.what, fact] as const)];
  for (const [name, fact] of all) {
    const value = facts[name];
    if (!fact || value === undefined || !isOf(fact, profile, functionCode)) continue;
    const { wordOrder = profile.wordOrder } = fact;
    if (fact.type === 'string') placeText(registers, fact, String(value));
    else place(registers, { ...fact, type: fact.type }, rawOf(fact, value), { wordOrder, byteOrder: profile.byteOrder });
  }
  return registers;
}

function isOf({ functionCode }: { readonly functionCode?: number | undefined }, profile: Profile, wanted?: number): boolean {
  return wanted === undefined || (functionCode ?? profile.functionCode) === wanted;
}

function placeText(registers: Registers, fact: FactRegister, text: string): void {
  const perRegister = fact.charsPerRegister ?? 2;
  for (let word = 0; word < lengthOf(fact); word++) {
    const codes = [0, 1].map((at) => text.charCodeAt(perRegister * word + at) || 0);
    const [first = 0, second = 0] = codes;
    registers.set(fact.addr + word, perRegister === 1 ? first : (first << 8) | second);
  }
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

/** A whole number with all its digits: that of 64 bits has more than a double. */
function rawOf({ type }: FactRegister, value: number | string): number | bigint {
  return type.startsWith('float') ? Number(value) : BigInt(value);
}

function place(
  registers: Registers,
  part: Pick<RegisterPart, 'addr' | 'type' | 'registers'>,
  raw: number | bigint,
  { wordOrder, byteOrder }: Orders,
): void {
  const words = lengthOf(part);
  const view = new DataView(new ArrayBuffer(8));
  if (part.type === 'float32') view.setFloat32(0, Number(raw));
  else if (part.type === 'float64') view.setFloat64(0, Number(raw));
  else
    view.setBigInt64(
      0,
      bitsOfWhole(typeof raw === 'bigint' ? raw : BigInt(Math.round(raw)), part.type) << BigInt(64 - 16 * words),
    );
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
