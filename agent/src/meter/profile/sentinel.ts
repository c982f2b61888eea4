/** Bits that mean "no value": those under `mask` are `bits`. */
export interface Sentinel {
  readonly bits: bigint;
  readonly mask: bigint;
}

/** Sentinels are few and are looked at with every value. */
const KNOWN = new Map<string, Sentinel>();

/** Reads a sentinel as profiles write it: `0x7FFFFFFF`, or `0x7FFFxxxx` where some digits do not count. */
export function sentinelOf(text: string): Sentinel {
  const known = KNOWN.get(text);
  if (known) return known;
  const digits = text.slice(2);
  const read = {
    bits: BigInt(`0x${digits.replaceAll('x', '0')}`),
    mask: BigInt(`0x${digits.replaceAll(/[^x]/g, 'F').replaceAll('x', '0')}`),
  };
  // Without digits in front, the bits in front must be 0.
  const sentinel = { bits: read.bits, mask: read.mask | (-1n << BigInt(4 * digits.length)) };
  KNOWN.set(text, sentinel);
  return sentinel;
}

/** Whether these bits are such a sentinel. */
export function isSentinel(bits: bigint, texts: readonly string[]): boolean {
  return texts.some((text) => {
    const sentinel = sentinelOf(text);
    return (bits & sentinel.mask) === sentinel.bits;
  });
}

/** Bits that a sentinel has digits for. */
export function sentinelWidth(text: string): number {
  return 4 * text.slice(2).replace(/^0+(?=.)/, '').length;
}
