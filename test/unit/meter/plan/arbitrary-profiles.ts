import type { Profile } from '@farola/agent/meter/profile/profile.js';
import { QUANTITIES } from '@farola/shared';
import fc from 'fast-check';
import { profileWith } from '../../../fakes/modbus-profile.js';

const NAMES = QUANTITIES.map(({ name }) => name);

const LENGTHS = { u16: 1, s16: 1, bcd: 2, u32: 2, s32: 2, float32: 2, u64: 4, s64: 4, float64: 4, pair: 4 } as const;
type DrawnType = keyof typeof LENGTHS;

interface Drawn {
  readonly step: number;
  readonly type: DrawnType;
  readonly functionCode: 3 | 4 | undefined;
  readonly wordOrder: 'highFirst' | 'lowFirst';
  readonly byteOrder: 'highFirst' | 'lowFirst';
  readonly alone: boolean;
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  step: fc.integer({ min: 0, max: 40 }),
  type: fc.constantFrom(...(Object.keys(LENGTHS) as DrawnType[])),
  functionCode: fc.constantFrom(undefined, undefined, undefined, 3, 4),
  wordOrder: fc.constantFrom('highFirst', 'highFirst', 'lowFirst'),
  byteOrder: fc.constantFrom('highFirst', 'highFirst', 'lowFirst'),
  alone: fc.nat(9).map((one) => one === 0),
});

/**
 * Profiles of rows that do not overlap, in any order, with terms that leave every row readable.
 * @param maxRows 1 to 81
 * @param rowsAlone whether rows may begin at exclusive registers, and so have to be asked for alone
 */
export function arbitraryProfiles(maxRows: number, rowsAlone = false): fc.Arbitrary<Profile> {
  return fc
    .record({
      rows: fc.array(drawn, { minLength: 1, maxLength: maxRows }),
      start: fc.integer({ min: 0, max: 0xf000 }),
      maxRegisters: fc.integer({ min: 4, max: 125 }),
      maxHoleRegisters: fc.constantFrom(0, 1, 3, 10, 124),
      evenCountOnly: fc.boolean(),
      marks: fc.array(fc.record({ kind: fc.constantFrom('exclusive', 'barrier', 'unreadable'), at: fc.nat(80) }), {
        maxLength: 4,
      }),
      order: fc.array(fc.nat(), { minLength: maxRows, maxLength: maxRows }),
    })
    .map(({ rows: steps, start, marks, order, ...limits }) => {
      let next = start;
      const taken = new Map<number, 'first' | 'inside'>();
      const begins: number[] = [];
      const rows = steps.map(({ step, type, functionCode, wordOrder, byteOrder, alone }, index) => {
        const addr = next + step;
        next = addr + LENGTHS[type];
        for (let register = addr; register < next; register++) taken.set(register, register === addr ? 'first' : 'inside');
        if (alone && rowsAlone) begins.push(addr);
        const fields = { quantity: NAMES[index] ?? '', wordOrder, byteOrder, ...(functionCode ? { functionCode } : {}) };
        const digits = type === 'bcd' ? { registers: LENGTHS.bcd } : {};
        if (type !== 'pair') return { ...fields, addr, type, scale: 1, ...digits };
        return {
          ...fields,
          composite: { high: { addr, type: 'u32', scale: 1_000 }, low: { addr: addr + 2, type: 'u32', scale: 1 } },
        };
      });
      const places = marks.map(({ kind, at }) => ({ kind, at: start + at }));
      const free = places.filter(({ at }) => !taken.has(at));
      const exclusive = [...begins, ...free.filter(({ kind }) => kind === 'exclusive').map(({ at }) => at)];
      const sorted = rows.map((row, index) => ({ row, key: order[index] ?? 0 })).toSorted((a, b) => a.key - b.key);
      return profileWith(
        sorted.map(({ row }) => row),
        {
          ...limits,
          // A filler register that makes a number even must be left to each row: no mark where it would be needed.
          exclusive: limits.evenCountOnly ? [] : exclusive,
          barriers: limits.evenCountOnly
            ? []
            : places.filter(({ kind, at }) => kind === 'barrier' && taken.get(at) !== 'inside').map(({ at }) => at),
          unreadable: limits.evenCountOnly
            ? []
            : free.filter(({ kind }) => kind === 'unreadable').map(({ at }) => ({ from: at, to: at })),
        },
      );
    });
}
