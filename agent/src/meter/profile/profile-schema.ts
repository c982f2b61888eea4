import { QUANTITIES } from '@farola/shared';
import * as z from 'zod';
import { NUMBER_TYPES } from './register-type.js';

const text = z.string().min(1);
const texts = z.array(text).default([]);
const addr = z.int().min(0).max(0xffff);
const functionCode = z.union([z.literal(3), z.literal(4)]);
const wordOrder = z.enum(['highFirst', 'lowFirst']);
const byteOrder = z.enum(['highFirst', 'lowFirst']);
const scale = z
  .number()
  .positive()
  .describe('Value in the unit of the quantity = raw number * scale; taken as the decimal that is written here');
const invalid = z
  .array(z.string().regex(/^0x[0-9A-Fa-fx]+$/, "is not a hexadecimal text in quotes, such as '0x7FFFFFFF' or '0x7FFFxxxx'"))
  .describe('Bits that mean "no value": hexadecimal in quotes, most significant digit first; `x` stands for any digit');
const trust = z
  .enum(['manual', 'code', 'manual+code', 'inferred', 'verify'])
  .describe(
    'How far the fact goes: `manual` printed by the maker, `code` in a driver that ships, `inferred` from a sibling model, `verify` on a device before billing',
  );
/** What a source can be. */
const SOURCE_KINDS = ['document', 'web-page', 'program', 'display'] as const;
const sourceId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,30}$/, 'is not an id of a source: a-z, 0-9 and -');
const sourceIds = z.union([sourceId, z.array(sourceId).min(1)]).describe('Ids of the sources that the fact comes from');
const note = text.optional().describe('What a reader of the map must know');

/** Fields that say where a fact comes from. */
const provenance = { trust: trust.optional(), source: sourceIds.optional(), note };

const ADDR_TEXT = 'First register, 0-based as on the wire';
const numberPart = {
  addr: addr.describe(ADDR_TEXT),
  type: z.enum(NUMBER_TYPES).describe('How the number lies in the registers'),
  registers: z.int().min(1).max(4).optional().describe('How many registers; of `bcd` alone, with four digits in each'),
  scale,
  invalid: invalid.optional(),
};

const counter = z.strictObject({
  rollover: z.int().positive().optional().describe('The counter begins anew at this value, in the unit of the quantity'),
  resettable: z.boolean().optional().describe('It can be set to zero at the device: a partial counter'),
  steps: z
    .array(z.strictObject({ from: z.number().min(0), step: z.number().positive() }))
    .optional()
    .describe('From `from` on it moves in steps of `step`, both in the unit of the quantity'),
  backMinutes: z
    .number()
    .positive()
    .optional()
    .describe('After a power cut it may be as much as these minutes behind what it showed'),
});

const rowFields = {
  quantity: z
    .enum(
      QUANTITIES.map(({ name }) => name),
      'is not a quantity of the registry',
    )
    .describe('Name in the registry of quantities (docs/protocol.md)'),
  unit: text.optional().describe('Unit of the quantity, for whoever reads the file; it must be that of the registry'),
  functionCode: functionCode.optional().describe('Where it differs from the profile'),
  wordOrder: wordOrder.optional().describe('Where it differs from the profile'),
  byteOrder: byteOrder.optional().describe('Where it differs from the profile'),
  zeroIsMissing: z.boolean().default(false).describe('The model shows 0 for what it does not measure: 0 is no value'),
  counter: counter.optional().describe('What is known of this counter; in place of `counters` of the profile'),
  ...provenance,
};

const plainRow = z.strictObject({ ...rowFields, ...numberPart });

const compositeRow = z.strictObject({
  ...rowFields,
  composite: z
    .strictObject({
      high: z.strictObject(numberPart).describe('The coarse register, such as kWh'),
      low: z.strictObject(numberPart).describe('The register with the rest below one coarse unit'),
      lowIsTotalFrom: z
        .int()
        .positive()
        .optional()
        .describe('From this raw number on, the low register is the total by itself and the high one is not added'),
    })
    .describe('A counter in two registers that are read in one request'),
});

/** A register that tells what the device is or how it is set: a number or a text. */
const factPart = {
  addr: addr.describe(ADDR_TEXT),
  type: z.enum([...NUMBER_TYPES, 'string']).describe('How it lies in the registers'),
  registers: z.int().min(1).max(32).optional().describe('How many registers; of `string` and `bcd`'),
  charsPerRegister: z
    .union([z.literal(1), z.literal(2)])
    .optional()
    .describe('Characters in each register of a `string`: 2, or 1 in its low byte; default 2'),
  functionCode: functionCode.optional().describe('Where it differs from the profile'),
  wordOrder: wordOrder.optional().describe('Where it differs from the profile'),
  ...provenance,
};
const factRegister = z.strictObject(factPart);

const identity = z.strictObject({
  model: z
    .strictObject({
      ...factPart,
      values: z
        .record(z.string(), text)
        .describe('What this register holds in models of this map: number or text, and what that is'),
      refused: z.record(z.string(), text).default({}).describe('What it holds in a device that has another map, and why'),
    })
    .optional()
    .describe('The register by which a device of this map is told from others'),
  serialNumber: factRegister.optional(),
  firmware: factRegister.optional(),
  productName: factRegister.optional(),
});

/** What a setting of a device can be that changes what its values mean. */
const SETTINGS = [
  'ctPrimary',
  'ctSecondary',
  'ctRatio',
  'vtPrimary',
  'vtSecondary',
  'vtRatio',
  'tariff',
  'changeCounter',
  'measuringSystem',
  'thdEnable',
] as const;

const neverWrite = z.strictObject({
  register: addr.optional().describe('A holding register, 0-based as on the wire'),
  coil: addr.optional().describe('A coil, 0-based as on the wire'),
  to: addr.optional().describe('The last one, where it is a run of them'),
  effect: text.describe('What a write does'),
});

const serialDefault = z
  .strictObject({
    baud: z.int().positive().optional(),
    parity: z.enum(['none', 'even', 'odd']).optional(),
    dataBits: z.union([z.literal(7), z.literal(8)]).optional(),
    stopBits: z.union([z.literal(1), z.literal(2)]).optional(),
    note,
  })
  .describe('Setting that the model is delivered with, as far as it is known');

/** Schema of a profile: the register map of one analyser model. Unknown fields are refused. */
export const profileSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'is not an id: a-z, 0-9 and -')
    .describe('Name of the profile; the file is called <id>.yaml'),
  vendor: text.describe('Who makes the models'),
  models: z.array(text).min(1).describe('Models that have this map'),
  functionCode: functionCode.describe('3 reads holding registers, 4 input registers'),
  wordOrder: wordOrder
    .default('highFirst')
    .describe('`highFirst`: the most significant register first (ABCD); `lowFirst`: last (CDAB)'),
  byteOrder: byteOrder
    .default('highFirst')
    .describe('`highFirst` within a register is what Modbus says; `lowFirst` has its two bytes swapped'),
  maxRegisters: z.int().min(1).max(125).default(125).describe('Most registers that the model gives in one answer'),
  evenCountOnly: z.boolean().default(false).describe('The model refuses an odd number of registers'),
  maxHoleRegisters: z
    .int()
    .min(0)
    .max(124)
    .default(124)
    .describe('Most registers between two rows that may be read along; 0: none that no row names. Whether it pays is computed'),
  exclusive: z
    .array(addr)
    .default([])
    .describe(
      'Registers that mean what they say only when they are asked for alone; no other request begins at one, or reads over one in a hole',
    ),
  barriers: z.array(addr).default([]).describe('No request reads on from below such a register into it'),
  unreadable: z
    .array(z.strictObject({ from: addr, to: addr }))
    .default([])
    .describe('Registers, first and last, that the model refuses: no request touches them'),
  minGapMs: z.int().min(0).max(10_000).default(0).describe('Silence that the model needs before a request, ms'),
  timeoutMs: z
    .strictObject({
      least: z.int().min(1).max(60_000).optional().describe('It must be given this long to answer, ms'),
      most: z.int().min(1).max(60_000).optional().describe('After this long it answers no more, ms'),
      typical: z.int().min(1).max(60_000).optional().describe('As a rule it begins to answer after this long, ms'),
    })
    .prefault({})
    .describe('How long the model takes'),
  updateMs: z.int().positive().optional().describe('The model measures anew this often, ms'),
  wakeUp: z
    .strictObject({
      questions: z.int().min(1).max(20).describe('How many are sent before the first answer is expected'),
      note,
    })
    .optional()
    .describe('The model sleeps, or finds the baud rate by itself, and lets the first questions go by'),
  serialDefault: serialDefault.optional(),
  tcpDefault: z
    .strictObject({ port: z.int().min(1).max(65_535).optional(), unit: z.int().min(0).max(255).optional(), note })
    .optional()
    .describe('How the model is reached over Modbus TCP as delivered'),
  identity: identity.optional().describe('How a device is recognised'),
  setup: z
    .array(z.strictObject({ what: z.enum(SETTINGS).describe('What is set there'), ...factPart }))
    .default([])
    .describe('Settings to watch: a change of one changes what the values mean'),
  neverWrite: z.array(neverWrite).default([]).describe('What must never be written to this model'),
  invalid: z
    .partialRecord(z.enum(NUMBER_TYPES), invalid)
    .default({})
    .describe('By type, bits that mean "no value" in every row that has no `invalid` of its own'),
  counters: counter.optional().describe('What is known of all counters of energy'),
  trust,
  sources: z
    .array(
      z.strictObject({
        id: sourceId.describe('Name by which rows refer to it'),
        document: text.describe('Title'),
        kind: z
          .enum(SOURCE_KINDS)
          .optional()
          .describe(
            'What it is: a `document`, when it is not told, has pages, or tables with numbers. `web-page`, `program` and the `display` of the meter have none',
          ),
        page: text.optional().describe('Page, table or section'),
        whyNoPage: text.optional().describe('Of a `document` without `page`: why none is told'),
        file: text.optional().describe('Of a `program`: the file of its source that has the map'),
        url: z
          .string()
          .regex(/^https?:\/\/\S+$/, 'is not an address such as https://...')
          .optional(),
        note,
      }),
    )
    .min(1)
    .describe('Documents that the facts come from'),
  defaultSource: sourceIds.optional().describe('Source of rows that name none'),
  warnings: texts.describe('What makes a naive reader go wrong'),
  wrongMaps: texts.describe('Maps in circulation that are wrong'),
  notes: texts,
  rows: z
    .array(z.union([plainRow, compositeRow]))
    .min(1)
    .max(256)
    .describe('What is read, in the order of the values of a sample'),
});
