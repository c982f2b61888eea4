import { decodeRow } from '@farola/agent/meter/profile/decode-registers.js';
import { partsOf } from '@farola/agent/meter/profile/profile.js';
import type { Profile, ProfileRow, RegisterPart } from '@farola/agent/meter/profile/profile.js';
import { readProfiles, SHIPPED_PROFILES } from '@farola/agent/meter/profile/profile-file.js';
import { quantityByName } from '@farola/shared';
import test from 'ava';
import fc from 'fast-check';
import { profileWith } from '../../../fakes/modbus-profile.js';

const { profiles } = await readProfiles([SHIPPED_PROFILES]);

interface Written {
  readonly bytes: Uint8Array;
  /** In the unit of the quantity, as numerator over 10^18. */
  readonly exact: bigint;
}

const SHARE = 10n ** 18n;

/** `0.001` in 10^-18, by its text: nothing of this is code of the product. */
function shareOf(scale: number): bigint {
  const [whole = '0', fraction = ''] = String(scale).split('.');
  return BigInt(whole) * SHARE + (fraction === '' ? 0n : BigInt(fraction) * 10n ** BigInt(18 - fraction.length));
}

const WIDTHS: Record<string, number> = { u16: 1, s16: 1, u32: 2, s32: 2, u64: 4, s64: 4, float32: 2, float64: 4 };

/** Writes a raw number the way the type says, by Buffer. */
function write(part: RegisterPart, seed: bigint, orders: Pick<Profile, 'wordOrder' | 'byteOrder'>): Written | undefined {
  const width = part.registers ?? WIDTHS[part.type] ?? 1;
  const buffer = Buffer.alloc(2 * width);
  let raw: bigint;
  if (part.type === 'bcd') {
    const digits = (seed % 10n ** BigInt(4 * width)).toString().padStart(4 * width, '0');
    buffer.write(digits, 'hex');
    raw = BigInt(digits);
  } else if (part.type === 'float32' || part.type === 'float64') {
    // A whole number that both floats hold exactly: what it means is beyond doubt.
    raw = BigInt.asIntN(24, seed);
    if (part.type === 'float32') buffer.writeFloatBE(Number(raw));
    else buffer.writeDoubleBE(Number(raw));
  } else {
    raw = part.type.startsWith('s') ? BigInt.asIntN(16 * width, seed) : BigInt.asUintN(16 * width, seed);
    buffer.write(
      BigInt.asUintN(16 * width, raw)
        .toString(16)
        .padStart(4 * width, '0'),
      'hex',
    );
  }
  const words = Array.from({ length: width }, (_, at) => buffer.subarray(2 * at, 2 * at + 2));
  if (orders.wordOrder === 'lowFirst') words.reverse();
  const bytes = Buffer.concat(orders.byteOrder === 'lowFirst' ? words.map((word) => Buffer.from(word).swap16()) : words);
  return { bytes: Uint8Array.from(bytes), exact: raw * shareOf(part.scale) };
}

/** Rounds to the decimals of the quantity, halves away from zero; null beyond 64 bits. */
function expected(row: ProfileRow, exact: bigint): bigint | null {
  const decimals = quantityByName(row.quantity)?.decimals ?? 0;
  const scaled = exact * 10n ** BigInt(decimals);
  const size = ((scaled < 0n ? -scaled : scaled) * 2n + SHARE) / (2n * SHARE);
  if (size > 2n ** 63n - 1n) return null;
  return scaled < 0n ? -size : size;
}

const seeds = fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { minLength: 2, maxLength: 2 });

function roundTrip(row: ProfileRow, profile: Profile, [first = 0n, second = 0n]: bigint[]): [unknown, bigint | null] | undefined {
  const parts = partsOf(row);
  const isFree = parts.every((part) => (part.invalid ?? profile.invalid[part.type] ?? []).length === 0) && !row.zeroIsMissing;
  // Small enough for both numbers of a pair, and for a low one that is no total by itself.
  const composite = parts.length > 1;
  const written = parts.map((part, at) =>
    write(part, composite ? (at === 0 ? first % 60_000n : second % 1_000n) : first, profile),
  );
  const from = Math.min(...parts.map(({ addr }) => addr));
  const bytes = new Uint8Array(
    2 * (Math.max(...parts.map(({ addr }, at) => addr + (written[at]?.bytes.length ?? 0) / 2)) - from),
  );
  parts.forEach(({ addr }, at) => bytes.set(written[at]?.bytes ?? [], 2 * (addr - from)));
  const value = decodeRow(row, { address: from, bytes }, profile);
  if (value === null && !isFree) return undefined;
  return [
    value === null ? null : BigInt(value),
    expected(
      row,
      written.reduce((sum, one) => sum + (one?.exact ?? 0n), 0n),
    ),
  ];
}

for (const { profile } of profiles.values()) {
  test(`${profile.id}: what an encoder of its own writes into registers is read back exactly`, (t) => {
    fc.assert(
      fc.property(fc.nat(profile.rows.length - 1), seeds, (at, raw) => {
        const row = profile.rows[at];
        const result = row && roundTrip(row, profile, raw);
        if (result) t.is(...result, row.quantity);
      }),
    );
  });
}

test('any number type in any order of words and bytes is read back exactly', (t) => {
  const types = fc.constantFrom('u16', 's16', 'u32', 's32', 'u64', 's64', 'float32', 'float64', 'bcd');
  const orders = fc.record({
    wordOrder: fc.constantFrom('highFirst', 'lowFirst'),
    byteOrder: fc.constantFrom('highFirst', 'lowFirst'),
  });
  fc.assert(
    fc.property(
      types,
      fc.integer({ min: 1, max: 4 }),
      orders,
      fc.constantFrom(0.001, 0.1, 1, 10, 1000),
      fc.boolean(),
      seeds,
      (...given) => {
        const [type, registers, order, scale, byRow, raw] = given;
        const part = { addr: 7, type, scale, ...(type === 'bcd' ? { registers } : {}) };
        const row = { quantity: 'activeEnergyImportTotal', ...part, ...(byRow ? order : {}) };
        const profile = profileWith([row], byRow ? {} : order);
        const [only] = profile.rows;
        const result = only && roundTrip(only, { ...profile, ...(order as Pick<Profile, 'wordOrder' | 'byteOrder'>) }, raw);
        if (result) t.is(...result);
      },
    ),
    { numRuns: 500 },
  );
});
