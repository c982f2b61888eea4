import { joinBytes } from '@farola/shared';
import type { Dice } from './dice.js';

/** Changes bytes that hold CBOR. @param other bytes of the same sort, to take parts from */
type Mutation = (bytes: Uint8Array, dice: Dice, other: Uint8Array) => Uint8Array;

/** A head of CBOR as it stands in bytes. */
interface Head {
  readonly at: number;
  /** Where its content begins. */
  readonly body: number;
  readonly major: number;
  readonly argument: number;
}

const STRINGS: readonly number[] = [2, 3];
/** Lengths of nonces, ids, hashes and signatures: random bytes, in which there is no CBOR to find. */
const OPAQUE: readonly number[] = [8, 16, 32, 64];
const MOST_HEADS = 400;
const DEEP = 2000;

function headAt(bytes: Uint8Array, at: number): Head | undefined {
  const first = bytes[at];
  if (first === undefined) return undefined;
  const info = first & 31;
  const width = info < 24 || info > 27 ? 0 : 1 << (info - 24);
  let argument = width === 0 ? info : 0;
  for (let i = 1; i <= width; i++) argument = argument * 256 + (bytes[at + i] ?? 0);
  return { at, body: at + 1 + width, major: first >> 5, argument };
}

/** The heads of an item and of what is inside it, byte strings that hold CBOR themselves included. */
function headsOf(bytes: Uint8Array): Head[] {
  const heads: Head[] = [];
  let at = 0;
  while (heads.length < MOST_HEADS) {
    const head = headAt(bytes, at);
    if (!head) break;
    heads.push(head);
    const opaque = head.major === 3 || (head.major === 2 && OPAQUE.includes(head.argument));
    at = opaque ? head.body + head.argument : head.body;
  }
  return heads;
}

/** Where the item at a head ends, or the bytes do. */
function endOf(bytes: Uint8Array, from: Head): number {
  let at = from.at;
  for (let open = 1; open > 0 && at < bytes.length; open--) {
    const head = headAt(bytes, at);
    if (!head) break;
    at = STRINGS.includes(head.major) ? head.body + head.argument : head.body;
    if (head.major >= 4 && head.major <= 6) open += [head.argument, head.argument * 2, 1][head.major - 4] ?? 0;
  }
  return Math.min(at, bytes.length);
}

/** A head of this major type; `width` 0, 1, 2, 4 or 8 bytes behind the first, whether it needs them or not. */
function encodeHead(major: number, argument: bigint, width: number): Uint8Array {
  if (width === 0) return Uint8Array.of((major << 5) | Number(argument % 24n));
  const bytes = new Uint8Array(1 + width);
  bytes[0] = (major << 5) | (24 + Math.log2(width));
  for (let i = 0; i < width; i++) bytes[1 + i] = Number((argument >> BigInt(8 * (width - 1 - i))) & 255n);
  return bytes;
}

function shortestWidth(argument: bigint): number {
  if (argument < 24n) return 0;
  return [1, 2, 4].find((width) => argument < 1n << BigInt(8 * width)) ?? 8;
}

function replace(bytes: Uint8Array, from: number, to: number, by: Uint8Array): Uint8Array {
  return joinBytes(bytes.subarray(0, from), by, bytes.subarray(to));
}

function slice(bytes: Uint8Array, dice: Dice): { from: number; to: number } {
  const from = dice.below(bytes.length);
  return { from, to: Math.min(bytes.length, from + 1 + dice.below(dice.oneIn(4) ? bytes.length : 16)) };
}

function itemOf(bytes: Uint8Array, dice: Dice): { from: number; to: number } {
  const head = dice.pick(headsOf(bytes));
  return { from: head.at, to: endOf(bytes, head) };
}

/** By name, so that a campaign can tell what it did. */
const MUTATIONS: Readonly<Record<string, Mutation>> = {
  flipBits(bytes, dice) {
    const changed = Uint8Array.from(bytes);
    for (let times = dice.pick([1, 1, 1, 2, 8]); times > 0; times--) {
      const at = dice.below(bytes.length);
      changed[at] = (changed[at] as number) ^ (1 << dice.below(8));
    }
    return changed;
  },
  setByte(bytes, dice) {
    const at = dice.below(bytes.length);
    return replace(
      bytes,
      at,
      at + 1,
      Uint8Array.of(dice.pick([0, 0x17, 0x18, 0x1b, 0x3b, 0x40, 0x5f, 0x80, 0xa0, 0xf6, 0xf7, 0xff])),
    );
  },
  truncate: (bytes, dice) => bytes.slice(0, dice.below(bytes.length)),
  append: (bytes, dice) => joinBytes(bytes, dice.bytes(1 + dice.below(16))),
  duplicate(bytes, dice) {
    const { from, to } = slice(bytes, dice);
    return replace(bytes, to, to, bytes.subarray(from, to));
  },
  remove(bytes, dice) {
    const { from, to } = slice(bytes, dice);
    return replace(bytes, from, to, new Uint8Array());
  },
  splice(bytes, dice, other) {
    const at = dice.below(Math.min(bytes.length, other.length));
    return joinBytes(bytes.subarray(0, at), other.subarray(dice.oneIn(2) ? at : dice.below(other.length)));
  },
  overwrite(bytes, dice, other) {
    const { from, to } = slice(other, dice);
    const at = dice.below(bytes.length);
    return replace(bytes, at, Math.min(bytes.length, at + to - from), other.subarray(from, to));
  },
  changeArgument(bytes, dice) {
    const { at, body, major } = dice.pick(headsOf(bytes));
    const argument = dice.boundary();
    const width = dice.oneIn(4) ? dice.pick([0, 1, 2, 4, 8]) : shortestWidth(argument);
    return replace(bytes, at, body, encodeHead(major, argument, width));
  },
  widenArgument(bytes, dice) {
    const { at, body, major, argument } = dice.pick(headsOf(bytes));
    return replace(bytes, at, body, encodeHead(major, BigInt(argument), dice.pick([1, 2, 4, 8])));
  },
  changeMajor(bytes, dice) {
    const { at } = dice.pick(headsOf(bytes));
    return replace(bytes, at, at + 1, Uint8Array.of(((bytes[at] as number) & 31) | (dice.below(8) << 5)));
  },
  makeIndefinite(bytes, dice) {
    const head = dice.pick(headsOf(bytes));
    const open = Uint8Array.of((head.major << 5) | dice.pick([28, 29, 30, 31, 31, 31]));
    const end = endOf(bytes, head);
    return joinBytes(bytes.subarray(0, head.at), open, bytes.subarray(head.body, end), Uint8Array.of(0xff), bytes.subarray(end));
  },
  nest(bytes, dice) {
    const { from, to } = itemOf(bytes, dice);
    const opener = dice.pick([[0x81], [0xa1, 0x00], [0xc1], [0x9f]]);
    const depth = dice.pick([1, 7, 8, 9, DEEP]);
    return replace(
      bytes,
      from,
      to,
      Uint8Array.from({ length: depth * opener.length + 1 }, (_, i) => opener[i % opener.length] ?? 0),
    );
  },
  duplicateItem(bytes, dice) {
    const { from, to } = itemOf(bytes, dice);
    return replace(bytes, to, to, bytes.subarray(from, to));
  },
  replaceItem(bytes, dice, other) {
    const { from, to } = itemOf(bytes, dice);
    const by = itemOf(other, dice);
    return replace(bytes, from, to, other.subarray(by.from, by.to));
  },
  swapItems(bytes, dice) {
    const [one, two] = [itemOf(bytes, dice), itemOf(bytes, dice)].sort((a, b) => a.from - b.from);
    if (!one || !two || one.to > two.from) return bytes;
    const { from, to } = one;
    return joinBytes(
      bytes.subarray(0, from),
      bytes.subarray(two.from, two.to),
      bytes.subarray(to, two.from),
      bytes.subarray(from, to),
      bytes.subarray(two.to),
    );
  },
};
const NAMES = Object.keys(MUTATIONS);

/** One mutation, now and then several on top of each other. */
export function mutateBytes(bytes: Uint8Array, dice: Dice, other: Uint8Array): Uint8Array {
  let changed = bytes;
  for (let times = dice.oneIn(5) ? 3 : 1; times > 0 && changed.length > 0 && changed.length < 300_000; times--) {
    changed = (MUTATIONS[dice.pick(NAMES)] as Mutation)(changed, dice, other);
  }
  return changed;
}
