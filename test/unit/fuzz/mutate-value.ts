import type { Cbor } from '@farola/shared';
import type { Dice } from './dice.js';

/** A value of strict CBOR with one thing in it changed, somewhere: what a hostile side with a good key would sign. */
export function mutateValue(value: Cbor, dice: Dice): Cbor {
  if (dice.oneIn(4)) return anyValue(dice);
  if (value instanceof Map) return mutateMap(value, dice);
  if (Array.isArray(value)) return mutateArray(value as readonly Cbor[], dice);
  if (value instanceof Uint8Array) return mutateString(value, dice);
  if (typeof value === 'number' && dice.oneIn(2)) {
    const near = value + dice.pick([-1, 1, -256, 256]);
    return Number.isSafeInteger(near) ? near : value;
  }
  return anyValue(dice);
}

function mutateMap(map: ReadonlyMap<number, Cbor>, dice: Dice): Cbor {
  const changed = new Map<number, Cbor>(map);
  const keys = [...map.keys()];
  if (keys.length === 0 || dice.oneIn(8)) return changed.set(dice.below(64) - 8, anyValue(dice));
  const key = dice.pick(keys);
  if (dice.oneIn(8)) changed.delete(key);
  else changed.set(key, mutateValue(map.get(key) ?? null, dice));
  return changed;
}

function mutateArray(items: readonly Cbor[], dice: Dice): Cbor {
  const at = dice.below(items.length + 1);
  const item = items[at];
  if (item === undefined || dice.oneIn(6)) return items.toSpliced(at, 0, anyValue(dice));
  if (dice.oneIn(8)) return items.toSpliced(at, 1);
  if (dice.oneIn(8)) return Array.from({ length: dice.pick([16, 32, 33, 34, 64, 65]) }, () => item);
  return items.toSpliced(at, 1, mutateValue(item, dice));
}

function mutateString(bytes: Uint8Array, dice: Dice): Uint8Array {
  if (bytes.length === 0 || dice.oneIn(4)) return dice.bytes(dice.pick([0, 1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64]));
  const changed = Uint8Array.from(bytes);
  const at = dice.below(bytes.length);
  changed[at] = (changed[at] as number) ^ (1 << dice.below(8));
  return changed;
}

function anyValue(dice: Dice): Cbor {
  const number = dice.boundary() % 2n ** 64n;
  const integer = number <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(number) : number;
  switch (dice.below(9)) {
    case 0:
      return null;
    case 1:
      return dice.oneIn(2);
    case 2:
      return -1 - dice.below(1000);
    case 3:
      return dice.pick(['', 'malaga-0042', 'malaga-0043', 'a'.repeat(64), '\u{1f4a1}', 'MALAGA', '__proto__', 'toString']);
    case 4:
      return dice.bytes(dice.pick([0, 8, 16, 32]));
    case 5:
      return [];
    case 6:
      return new Map();
    case 7:
      return [integer, [integer, new Map([[1, integer]])]];
    default:
      return integer;
  }
}
