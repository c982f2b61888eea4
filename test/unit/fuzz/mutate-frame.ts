import { cutOut, encodeCbor, encodeCodedFrame, encodeFrame, ENCODINGS, joinBytes, LIMITS } from '@farola/shared';
import { type AnswerFrame, cutAnswerFrame } from '@farola/shared/envelope/frame.js';
import { malleated } from '../../fakes/odd-signatures.js';
import type { Dice } from './dice.js';
import { mutateBytes } from './mutate-bytes.js';

/** A frame in its parts, to put together anew with lengths that are right again. */
export interface FrameParts {
  readonly kind: number;
  readonly header: Uint8Array;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  /** Undefined when nothing travels beside the signature, or coded entries do. */
  readonly items: readonly Uint8Array[] | undefined;
  readonly coded: Uint8Array | undefined;
}

/** The parts of a good frame. */
export function partsOf(frame: Uint8Array): FrameParts {
  const { kind, signed, beside } = cutAnswerFrame(frame);
  const { protectedHeader, payload, signature } = cutOut(signed);
  return { kind, header: protectedHeader, payload, signature, ...besideOf(beside) };
}

function besideOf(beside: AnswerFrame['beside']): Pick<FrameParts, 'items' | 'coded'> {
  if (beside?.encoding === ENCODINGS.coded) return { items: undefined, coded: beside.coded };
  return { items: beside?.entries.items, coded: undefined };
}

/** The frame of these parts; nothing is signed. */
export function frameOf({ kind, header, payload, signature, items, coded }: FrameParts): Uint8Array {
  return encoded(kind, signedOf({ header, payload, signature }), { items, coded });
}

function encoded(kind: number, signed: Uint8Array, { items, coded }: Pick<FrameParts, 'items' | 'coded'>): Uint8Array {
  return coded ? encodeCodedFrame(kind, signed, coded) : encodeFrame(kind, signed, items);
}

function signedOf({ header, payload, signature }: Pick<FrameParts, 'header' | 'payload' | 'signature'>): Uint8Array {
  const strings = [header, payload, signature].map(encodeCbor);
  const [first, second, third] = strings as [Uint8Array, Uint8Array, Uint8Array];
  return joinBytes(Uint8Array.of(0xd2, 0x84), first, Uint8Array.of(0xa0), second, third);
}

type PartMutation = (parts: FrameParts, dice: Dice, other: FrameParts) => FrameParts;

const PART_MUTATIONS: readonly PartMutation[] = [
  (parts, dice, other) => ({ ...parts, payload: mutateBytes(parts.payload, dice, other.payload) }),
  (parts, dice, other) => ({ ...parts, header: mutateBytes(parts.header, dice, other.header) }),
  (parts, dice, other) => ({ ...parts, signature: mutateBytes(parts.signature, dice, other.signature) }),
  (parts) => ({ ...parts, signature: parts.signature.length === 64 ? malleated(parts.signature) : parts.signature }),
  (parts, dice) => ({ ...parts, kind: dice.oneIn(2) ? dice.below(16) : Number(dice.boundary() % 2n ** 32n) }),
  // Whole parts of another good frame.
  (parts, _dice, { header }) => ({ ...parts, header }),
  (parts, _dice, { payload }) => ({ ...parts, payload }),
  (parts, _dice, { signature }) => ({ ...parts, signature }),
  (parts, _dice, { payload, signature }) => ({ ...parts, payload, signature }),
  (parts, _dice, { header, payload, signature }) => ({ ...parts, header, payload, signature }),
  (parts, _dice, { items, coded }) => ({ ...parts, items, coded }),
  // What travels beside the signature.
  (parts) => ({ ...parts, items: parts.items ? undefined : [], coded: undefined }),
  mutateBeside,
  mutateBeside,
];

function mutateBeside(parts: FrameParts, dice: Dice, other: FrameParts): FrameParts {
  const { coded } = parts;
  if (coded) return { ...parts, coded: mutateBytes(coded, dice, other.coded ?? dice.bytes(20)) };
  return { ...parts, items: mutateItems(parts.items ?? [], dice, other.items ?? []) };
}

/** Reorders, removes, adds or changes byte strings. */
export function mutateItems(items: readonly Uint8Array[], dice: Dice, other: readonly Uint8Array[]): readonly Uint8Array[] {
  const at = dice.below(items.length + 1);
  const item = items[at] ?? new Uint8Array([0x80]);
  const foreign = other.length > 0 ? dice.pick(other) : dice.bytes(20);
  switch (dice.below(9)) {
    case 0:
      return items.toReversed();
    case 1:
      return items.toSpliced(at, 1);
    case 2:
      return items.toSpliced(at, 0, item);
    case 3:
      return items.toSpliced(at, 0, foreign);
    case 4:
      return items.toSpliced(at, 1, foreign);
    case 5:
      return items.toSpliced(at, 0, new Uint8Array(dice.pick([0, LIMITS.entryBytes, LIMITS.entryBytes + 1])));
    case 6:
      return Array.from({ length: dice.pick([0, LIMITS.answerEntries, LIMITS.answerEntries + 1]) }, () => item);
    case 7: {
      const to = dice.below(items.length + 1);
      return items.toSpliced(at, 1).toSpliced(to, 0, item);
    }
    default:
      return items.toSpliced(at, 1, mutateBytes(item, dice, foreign));
  }
}

/** A frame that was good, changed: as raw bytes, inside its signed part, or in one of its parts with all lengths right. */
export function mutateFrame(frame: Uint8Array, dice: Dice, other: Uint8Array): Uint8Array {
  const level = dice.below(8);
  if (level < 3) return mutateBytes(frame, dice, other);
  if (level === 3) return withSigned(frame, mutateBytes(cutAnswerFrame(frame).signed, dice, cutAnswerFrame(other).signed));
  return frameOf(dice.pick(PART_MUTATIONS)(partsOf(frame), dice, partsOf(other)));
}

function withSigned(frame: Uint8Array, signed: Uint8Array): Uint8Array {
  const { kind, beside } = cutAnswerFrame(frame);
  return encoded(kind, signed, besideOf(beside));
}
