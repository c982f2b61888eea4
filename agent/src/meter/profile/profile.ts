import { quantityByName } from '@farola/shared';
import * as z from 'zod';
import { REGISTER_TYPES, registersOf } from './register-type.js';

const addrSchema = z.int().min(0).max(0xffff).describe('First register, 0-based as on the wire');
const typeSchema = z.enum(REGISTER_TYPES).describe('How the number lies in the registers');
const scaleSchema = z
  .number()
  .positive()
  .describe('Value in the unit of the quantity = raw number * scale; taken as the decimal that is written here');
const invalidSchema = z
  .array(z.string().regex(/^0x[0-9A-Fa-f]+$/, 'is not a hexadecimal number such as 0x7FFFFFFF'))
  .default([])
  .describe('Bits that mean "no value", in hexadecimal, most significant register first');
const trustSchema = z
  .enum(['manual', 'code', 'manual+code', 'inferred', 'verify'])
  .describe('Where the fact comes from; `inferred` from a sibling model, `verify` before billing');

const partSchema = z.strictObject({ addr: addrSchema, type: typeSchema, scale: scaleSchema, invalid: invalidSchema });

const quantitySchema = z
  .string()
  .refine((name) => quantityByName(name) !== undefined, 'is not a quantity of the registry')
  .describe('Name in the registry of quantities');

const plainRowSchema = z.strictObject({
  quantity: quantitySchema,
  ...partSchema.shape,
  trust: trustSchema.optional(),
  note: z.string().optional(),
});

const compositeRowSchema = z.strictObject({
  quantity: quantitySchema,
  composite: z
    .strictObject({
      high: partSchema.describe('The coarse register, such as kWh'),
      low: partSchema.describe('The register with the rest below one coarse unit'),
      lowIsTotalFrom: z
        .int()
        .positive()
        .optional()
        .describe('From this raw number on, the low register is the total by itself and the high one is not added'),
    })
    .describe('A counter in two registers that are read in one request'),
  trust: trustSchema.optional(),
  note: z.string().optional(),
});

const rowSchema = z.union([plainRowSchema, compositeRowSchema]);

/** Schema of a profile: the register map of one analyser model. Unknown fields are refused. */
export const profileSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'is not an id: a-z, 0-9 and -')
    .describe('Name of the profile; the file is called <id>.yaml'),
  vendor: z.string().min(1),
  models: z.array(z.string().min(1)).min(1).describe('Models that have this map'),
  functionCode: z.union([z.literal(3), z.literal(4)]).describe('3 reads holding registers, 4 input registers'),
  wordOrder: z.enum(['highFirst', 'lowFirst']).default('highFirst'),
  maxRegisters: z.int().min(1).max(125).default(125).describe('Registers in one request'),
  evenCountOnly: z.boolean().default(false).describe('The model refuses an odd number of registers'),
  maxHoleBytes: z
    .int()
    .min(0)
    .max(250)
    .default(60)
    .describe('Bytes between two rows that are read along rather than paid for with a request of their own'),
  minGapMs: z.int().min(0).max(10_000).default(0).describe('Silence that the model needs before a request, ms'),
  serialDefault: z
    .strictObject({
      baud: z.int().positive(),
      parity: z.enum(['none', 'even', 'odd']),
      dataBits: z.union([z.literal(7), z.literal(8)]),
      stopBits: z.union([z.literal(1), z.literal(2)]),
    })
    .optional()
    .describe('Setting that the model is delivered with'),
  trust: trustSchema,
  sources: z.array(z.string().min(1)).min(1).describe('Documents that the facts come from'),
  danger: z.array(z.string().min(1)).default([]).describe('What must never be written to this model'),
  notes: z.array(z.string().min(1)).default([]),
  rows: z.array(rowSchema).min(1).describe('What is read, in the order of the values of a sample'),
});

/** The register map of one analyser model. */
export type Profile = z.output<typeof profileSchema>;
/** One row of a profile: a quantity and where it lies. */
export type ProfileRow = Profile['rows'][number];
/** One number in registers. */
export type RegisterPart = z.output<typeof partSchema>;

/** Registers from `from` up to and not including `to`. */
export interface RegisterSpan {
  readonly from: number;
  readonly to: number;
}

/** The registers that one request must cover to give this row its value. */
export function spanOf(row: ProfileRow): RegisterSpan {
  const parts: RegisterPart[] = 'composite' in row ? [row.composite.high, row.composite.low] : [row];
  return {
    from: Math.min(...parts.map((part) => part.addr)),
    to: Math.max(...parts.map((part) => part.addr + registersOf(part.type))),
  };
}

/** Ids of the quantities that a profile reads, in the order of its rows. */
export function quantityIds(profile: Profile): number[] {
  return profile.rows.map((row) => quantityByName(row.quantity)?.id ?? 0);
}
