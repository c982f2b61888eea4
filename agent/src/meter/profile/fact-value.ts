import { counted } from '@farola/shared';
import type { FactRegister } from './profile.js';
import { trimmed } from './decode-registers.js';
import { lengthOf } from './register-type.js';

/** Why the registers of a fact never hold this value; undefined when they can. */
export function cannotHold(fact: FactRegister, value: string): string | undefined {
  if (fact.type === 'string') return cannotHoldText(fact, trimmed(value));
  if (fact.type.startsWith('float')) {
    const number = value.trim() === '' ? NaN : Number(value);
    if (Number.isNaN(number)) return 'it is no number';
    return Number.isFinite(fact.type === 'float32' ? Math.fround(number) : number)
      ? undefined
      : `${fact.type} does not go so far`;
  }
  if (!/^-?\d+$/.test(value)) return 'it is no whole number';
  const number = BigInt(value);
  const [least, most] = boundsOf(fact);
  return number < least || number > most ? `${fact.type} goes from ${least} to ${most}` : undefined;
}

function cannotHoldText(fact: FactRegister, text: string): string | undefined {
  const room = lengthOf(fact) * (fact.charsPerRegister ?? 2);
  if (/[^\x20-\x7E]/.test(text)) return 'it has characters that are not ASCII';
  return text.length > room ? `it has ${counted(text.length, 'character')}, the registers hold ${room}` : undefined;
}

function boundsOf(fact: FactRegister): [least: bigint, most: bigint] {
  const bits = BigInt(16 * lengthOf(fact));
  if (fact.type === 'bcd') return [0n, 10n ** (bits / 4n) - 1n];
  if (fact.type.startsWith('s')) return [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n];
  return [0n, (1n << bits) - 1n];
}
