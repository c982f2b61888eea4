import { quantityByName } from '@farola/shared';
import type { z } from 'zod';
import type { profileSchema } from './profile-schema.js';
import { lengthOf } from './register-type.js';

/** The register map of one analyser model; each field is described in profile-schema.ts, which a running map needs no more. */
export type Profile = z.output<typeof profileSchema>;
/** One row of a profile: a quantity and where it lies. */
export type ProfileRow = Profile['rows'][number];
/** A counter in two registers. */
export type Composite = Extract<ProfileRow, { composite: unknown }>['composite'];
/** One number in registers. */
export type RegisterPart = Composite['high'];
/** A register that tells what a device is or how it is set. */
export type FactRegister = NonNullable<NonNullable<Profile['identity']>['serialNumber']>;

/** Registers from `from` up to and not including `to`. */
export interface RegisterSpan {
  readonly from: number;
  readonly to: number;
}

/** The numbers that a row is made of: one, or the two of a composite. */
export function partsOf(row: ProfileRow): readonly RegisterPart[] {
  return 'composite' in row ? [row.composite.high, row.composite.low] : [row];
}

/** The registers of one number. */
export function spanOfPart(part: Pick<FactRegister, 'addr' | 'type' | 'registers'>): RegisterSpan {
  return { from: part.addr, to: part.addr + lengthOf(part) };
}

/** The registers that one request must cover to give this row its value. */
export function spanOf(row: ProfileRow): RegisterSpan {
  const spans = partsOf(row).map(spanOfPart);
  return { from: Math.min(...spans.map(({ from }) => from)), to: Math.max(...spans.map(({ to }) => to)) };
}

/** Ids of the quantities that a profile reads, in the order of its rows. */
export function quantityIds(profile: Pick<Profile, 'rows'>): number[] {
  return profile.rows.map((row) => quantityByName(row.quantity)?.id ?? 0);
}
