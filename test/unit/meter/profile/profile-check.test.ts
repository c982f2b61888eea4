import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkProfile } from '@farola/agent/cli/profile-check.js';
import { profileJsonSchema } from '@farola/agent/meter/profile/profile-fields.js';
import { SHIPPED_PROFILES } from '@farola/agent/meter/profile/profile-file.js';
import { ERRORS, FarolaError } from '@farola/shared';
import test from 'ava';
import type { ExecutionContext } from 'ava';

interface Told {
  line: number | null;
  column: number | null;
  field: string;
  message: string;
}

interface Checked {
  good: boolean;
  errors: Told[];
  warnings: Told[];
  replacesShipped: string | null;
  gives: { rowCount: number; quantityCount: number; requestCount: number; registerCount: number; passMs: number } | null;
}

const GOOD = `id: own
vendor: V
models: [M]
functionCode: 4
maxRegisters: 20
exclusive: [60]
identity:
  model: { addr: 60, type: u16, values: { 7: M } }
trust: manual
sources:
  - { id: manual, document: the manual, page: p. 7 }
rows:
  - { quantity: voltageL1, addr: 0x0000, type: u16, scale: 0.1, unit: V }
  - { quantity: activePowerTotal, addr: 0x0002, type: s32, scale: 1 }
  - quantity: activeEnergyImportTotal
    composite:
      high: { addr: 0x0010, type: u32, scale: 1000 }
      low: { addr: 0x0012, type: u16, scale: 1 }
`;

async function written(t: ExecutionContext, text: string, name = 'own.yaml'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'farola-profile-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

async function check(t: ExecutionContext, text: string, name?: string): Promise<Checked> {
  const lines: string[] = [];
  const path = await written(t, text, name);
  const failure = await checkProfile(path, { json: true }, (line) => lines.push(line)).catch((error: unknown) => error);
  const checked = JSON.parse(lines.join('')) as Checked;
  t.is(failure === undefined, checked.good);
  if (failure) t.is(failure instanceof FarolaError && failure.code, 'profile-invalid');
  return checked;
}

/** What is changed in the good file, and the error that comes of it: line, what stands at its column, and words. */
const MISTAKES: Record<string, [from: string, to: string, line: number, at: string, words: RegExp]> = {
  'a misspelt field': ['scale: 0.1', 'scal: 0.1', 13, 'scal: 0.1', /not a field.*did you mean `scale`/],
  'a misspelt field of the profile': ['maxRegisters', 'maxRegister', 5, 'maxRegister:', /did you mean `maxRegisters`/],
  'a field of another language': ['functionCode: 4', 'function_code: 4', 4, 'function_code', /did you mean `functionCode`/],
  'a field that is like none': ['exclusive: [60]', 'colour: [60]', 6, 'colour', /not a field that is known here$/],
  'a misspelt quantity': ['voltageL1', 'voltage_l1', 13, 'voltage_l1', /not a quantity.*did you mean `voltageL1`/],
  'a type that is none': [
    'type: u16, scale: 0.1',
    'type: uint16, scale: 0.1',
    13,
    'uint16',
    /is none of `u16`.*did you mean `u16`/,
  ],
  'an address as text': ['addr: 0x0000', "addr: '0x0000'", 13, "'0x0000'", /without quotes: 0x0000/],
  'a scale as text': ['scale: 0.1', "scale: '0.1'", 13, "'0.1'", /without quotes: 0.1/],
  'a sentinel as a number': ['unit: V', 'invalid: [0xFFFF]', 13, '0xFFFF', /in quotes/],
  'a sentinel that is no hexadecimal': ['unit: V', "invalid: ['FFFF']", 13, "'FFFF'", /0x7FFFxxxx/],
  'a sentinel wider than its type': [
    'unit: V',
    "invalid: ['0x1FFFF']",
    13,
    "'0x1FFFF'",
    /0x1FFFF is wider than u16, which has 16 bits/,
  ],
  'a field twice': ['trust: manual', 'trust: manual\ntrust: code', 10, 'trust', /stands twice/],
  'a tab': ['  - { id: manual', '\t- { id: manual', 11, '\t', /a tab begins this line/],
  'another unit': ['unit: V', 'unit: kV', 13, 'kV', /kept in V, not in kV/],
  'rows that overlap': ['addr: 0x0002', 'addr: 0x0011', 15, 'quantity', /u32 at 0x0010 overlaps activePowerTotal, s32 at 0x0011/],
  'a row beyond the block limit': [
    'addr: 0x0012',
    'addr: 0x0030',
    15,
    'quantity',
    /needs 33 registers in one request, maxRegisters is 20/,
  ],
  'an exclusive register in a composite': ['exclusive: [60]', 'exclusive: [18]', 17, 'high', /0x0012 is exclusive/],
  'an identity that can never match': [
    'values: { 7: M }',
    'values: { 70000: M }',
    8,
    '70000',
    /can never match: u16 goes from 0 to 65535/,
  ],
  'an identity without a value': ['values: { 7: M }', 'values: {}', 8, '{}', /no device can ever match/],
  'an identity of text for a number': ['values: { 7: M }', 'values: { M7: M }', 8, 'M }', /no whole number/],
  'a value that is accepted and refused': [
    'values: { 7: M }',
    'values: { 7: M }, refused: { 7: N }',
    8,
    '7: N',
    /accepted by `values` as well/,
  ],
  'a quantity twice': ['activePowerTotal', 'voltageL1', 14, 'voltageL1', /stands in an earlier row, rows\[0\]/],
  'a barrier inside a row': ['exclusive: [60]', 'barriers: [3]', 14, '{ quantity', /no request can read it: the barrier 0x0003/],
  'a row that the model refuses': ['exclusive: [60]', 'unreadable: [{ from: 0, to: 1 }]', 13, '{ quantity', /0x0000 to 0x0001/],
  'a span that ends before it begins': ['exclusive: [60]', 'unreadable: [{ from: 90, to: 80 }]', 6, '80', /lies before 0x005A/],
  'a source that is not there': ['unit: V', 'source: book', 13, 'book', /no source `book`; there is manual/],
  'a counter that is none': ['unit: V', 'counter: { resettable: true }', 13, '{ resettable', /voltageL1 is no counter/],
  'bcd of unknown length': [
    'addr: 0x0000, type: u16',
    'addr: 0x0000, type: bcd',
    13,
    '{ quantity',
    /registers: is missing|bcd does not say how many/,
  ],
  'a length of what has one': ['unit: V', 'registers: 2', 13, '2 }', /told for u16, which has 1/],
  'halves the wrong way round': ['type: u32, scale: 1000', 'type: u32, scale: 0.5', 17, '0.5', /not above that of `low`, 1/],
  'halves that overlap': ['addr: 0x0012', 'addr: 0x0011', 18, '0x0011', /lies in the registers of `high`/],
  'registers beyond the last': ['addr: 0x0002', 'addr: 0xFFFF', 14, '{ quantity', /beyond register 0xFFFF/],
  'the name of another file': ['id: own', 'id: other', 1, 'other', /the file of other is called other.yaml/],
  'a wait that is shorter than itself': [
    'exclusive: [60]',
    'timeoutMs: { least: 500, most: 100 }',
    6,
    '500',
    /500 is more than the 100/,
  ],
  'a page that is told and is not': [
    'page: p. 7',
    'page: p. 7, whyNoPage: lost',
    11,
    'lost',
    /whyNoPage: stands beside a `page`/,
  ],
  'a display without pages, explained': [
    'page: p. 7',
    'kind: display, whyNoPage: lost',
    11,
    'lost',
    /is of a document; this is a display/,
  ],
  'a file of a web page': ['page: p. 7', 'kind: web-page, file: a.go', 11, 'a.go', /is of a program; this is a web-page/],
  'a danger that is neither': ['exclusive: [60]', 'neverWrite: [{ effect: harm }]', 6, '{ effect', /register and coil/],
};

for (const [what, [from, to, line, at, words]] of Object.entries(MISTAKES)) {
  test(`finds ${what}, with line and column`, async (t) => {
    t.true(GOOD.includes(from));
    const text = GOOD.replace(from, to);
    const { good, errors } = await check(t, text);
    t.false(good);
    const found = errors.find(({ message, field }) => words.test(`${field}: ${message}`));
    t.truthy(found, JSON.stringify(errors));
    const column = (text.split('\n')[line - 1] ?? '').indexOf(at) + 1;
    t.true(column > 0);
    t.deepEqual([found?.line, found?.column], [line, column]);
  });
}

const LOOSE_ENDS: Record<string, [from: string, to: string, line: number, words: RegExp]> = {
  'a row without source': [
    '- { id: manual, document: the manual, page: p. 7 }',
    '- { id: manual, document: the manual, page: p. 7 }\n  - { id: code, document: a driver, kind: program }',
    14,
    /it and 2 more rows have no source, of 2/,
  ],
  'a document without a page': ['the manual, page: p. 7', 'the manual', 11, /names no page: tell `page`; or the `kind`/],
  'an energy that is to be verified': [
    'quantity: activeEnergyImportTotal',
    'quantity: activeEnergyImportTotal\n    trust: verify',
    16,
    /activeEnergyImportTotal is to be verified on a device/,
  ],
  'no identity': [
    'identity:\n  model: { addr: 60, type: u16, values: { 7: M } }\n',
    '',
    1,
    /another device in place of M is not noticed/,
  ],
  'a scale finer than the quantity': ['scale: 1 }', 'scale: 0.001 }', 14, /finer than activePowerTotal is kept, with 1 decimal/],
  'one register for two quantities': ['addr: 0x0002, type: s32', 'addr: 0x0000, type: u16', 14, /same registers as voltageL1/],
  'an odd limit of an even model': [
    'maxRegisters: 20\nexclusive: [60]',
    'maxRegisters: 21\nevenCountOnly: true',
    5,
    /leaves 20 of it/,
  ],
};

for (const [what, [from, to, line, words]] of Object.entries(LOOSE_ENDS)) {
  test(`warns of ${what}, and the profile is good all the same`, async (t) => {
    t.true(GOOD.includes(from));
    const { good, errors, warnings } = await check(t, GOOD.replace(from, to));
    t.deepEqual(errors, []);
    t.true(good);
    const found = warnings.find(({ message }) => words.test(message));
    t.truthy(found, JSON.stringify(warnings));
    t.is(found?.line, line);
  });
}

test('tells all mistakes at once, in words with file, line and column, and ends with the exit code of a configuration', async (t) => {
  const path = await written(t, GOOD.replace('voltageL1', 'voltageL9').replace('u32', 'u33').replace('vendor', 'vender'));
  const error = await t.throwsAsync<FarolaError>(
    checkProfile(path, {}, () => undefined),
    { code: 'profile-invalid' },
  );
  const text = String(error.facts['problems']);
  t.regex(text, /^4 errors/);
  t.true(text.includes(`${path}:13:17: rows[0].quantity: is not a quantity`));
  t.true(text.includes(`${path}:2:1: vender: is not a field that is known here; did you mean \`vendor\`?`));
  t.is(ERRORS['profile-invalid'].exit, 78);
});

/** What is told, as `line field: message`. */
async function told(t: ExecutionContext, text: string): Promise<string[]> {
  const { errors } = await check(t, text);
  return errors.map(({ line, field, message }) => `${line} ${field}: ${message}`);
}

const PLAIN_ROW = '{ quantity: voltageL1, addr: 0x0000, type: u16, scale: 0.1, unit: V }';

test('of a plain row with several wrong names tells those, and none of what is right', async (t) => {
  const errors = await told(t, GOOD.replace(PLAIN_ROW, '{ quanity: voltageL1, addr: 0x0000, typ: u16, scal: 0.1 }'));
  t.true(errors.includes('13 rows[0].quanity: is not a field that is known here; did you mean `quantity`?'), errors.join('\n'));
  t.true(errors.includes('13 rows[0].typ: is not a field that is known here; did you mean `type`?'), errors.join('\n'));
  t.true(errors.includes('13 rows[0].scal: is not a field that is known here; did you mean `scale`?'), errors.join('\n'));
  t.false(
    errors.some((one) => /addr|composite/.test(one)),
    errors.join('\n'),
  );
});

test('of a composite row with wrong names tells those, and asks for no `addr`', async (t) => {
  const errors = await told(t, GOOD.replace('composite:', 'compsite:').replace('quantity: activeE', 'quanity: activeE'));
  t.true(errors.includes('16 rows[2].compsite: is not a field that is known here; did you mean `composite`?'), errors.join('\n'));
  t.false(
    errors.some((one) => /addr|scale/.test(one)),
    errors.join('\n'),
  );
  const within = await told(t, GOOD.replace('type: u32, scale: 1000', 'typ: u32, scal: 1000'));
  t.true(within.includes('17 rows[2].composite.high.typ: is not a field that is known here; did you mean `type`?'));
  t.false(
    within.some((one) => one.includes('rows[2].addr')),
    within.join('\n'),
  );
});

test('a row that has no registers at all lacks those of a plain one', async (t) => {
  const errors = await told(t, GOOD.replace(PLAIN_ROW, '{ quantity: voltageL1 }'));
  t.deepEqual(errors, ['13 rows[0].addr: is missing', '13 rows[0].type: is missing', '13 rows[0].scale: is missing']);
});

test('a row that is both plain and composite is told that it must be one', async (t) => {
  const errors = await told(t, GOOD.replace('unit: V', 'composite: {}'));
  t.deepEqual(errors, [
    '13 rows[0].composite: cannot stand beside `addr`, `type`, `registers`, `scale` and `invalid`: a row has either',
  ]);
});

test('mistakes of meaning are told beside those of form, each with its line, in the order of the file', async (t) => {
  const text = GOOD.replace('vendor: V', 'vender: V')
    .replace('unit: V', 'unti: V, source: book')
    .replace('addr: 0x0002, type: s32', "addr: '2', type: s32, unit: kW")
    .replace('high: { addr: 0x0010, type: u32', 'high: { addr: 0x0011, type: u32')
    .replace('trust: manual\n', 'trust: manual\ntimeoutMs: { least: 500, most: 100 }\n');
  const errors = await told(t, text);
  t.deepEqual(
    errors.map((one) => one.split(':')[0]),
    [
      '2 vender',
      '10 timeoutMs.least',
      '14 rows[0].unti',
      '14 rows[0].source',
      '15 rows[1].addr',
      '15 rows[1].unit',
      '19 rows[2].composite.low.addr',
      'null vendor',
    ],
    errors.join('\n'),
  );
});

test('what follows from a mistake of form alone is not told as one of meaning', async (t) => {
  for (const [from, to] of [
    ['sources:\n  - { id: manual, document: the manual, page: p. 7 }', 'sources: []\ndefaultSource: manual'],
    ['id: own', 'id: OWN!'],
    ['models: [M]', 'models: M'],
    ['maxRegisters: 20', 'maxRegisters: 200'],
    ['  model: { addr: 60, type: u16, values: { 7: M } }', '  modell: { addr: 60, type: u16, values: { 7: M } }'],
    ['functionCode: 4', 'functionCode: 5'],
  ] as const) {
    t.true(GOOD.includes(from));
    const errors = await told(t, GOOD.replace(from, to));
    t.is(errors.length, 1, errors.join('\n'));
  }
});

test('a quantity that stands twice is told where one of the two rows is wrong in form as well', async (t) => {
  const errors = await told(t, GOOD.replace('activePowerTotal, addr', 'voltageL1, adr'));
  t.true(
    errors.some((one) => one.startsWith('14 rows[1].quantity: voltageL1 stands in an earlier row, rows[0]')),
    errors.join('\n'),
  );
});

test('says what a good profile gives', async (t) => {
  const { gives, errors, warnings, replacesShipped } = await check(t, GOOD);
  t.deepEqual([errors, warnings, replacesShipped], [[], [], null]);
  t.like(gives, { rowCount: 3, quantityCount: 3, requestCount: 1, registerCount: 19 });
  const lines: string[] = [];
  await checkProfile(await written(t, GOOD), {}, (line) => lines.push(line));
  t.regex(lines.join('\n'), /good: own reads 3 quantities of V M\n {2}3 rows in 1 request of 19 registers, \d+ ms at 9600 baud/);
});

test('says when it takes the place of a shipped profile', async (t) => {
  const text = GOOD.replace('id: own', 'id: eastron-sdm630');
  t.is((await check(t, text, 'eastron-sdm630.yaml')).replacesShipped, 'eastron-sdm630');
});

test('says that a file is not there', async (t) => {
  const error = await t.throwsAsync<FarolaError>(
    checkProfile('/nowhere/own.yaml', {}, () => undefined),
    { code: 'profile-unreadable' },
  );
  t.is(ERRORS[error.code as 'profile-unreadable'].exit, 66);
});

test('the published JSON schema is that of the code, and every shipped file names it', async (t) => {
  const text = await readFile(join(SHIPPED_PROFILES.path, 'profile.schema.json'), 'utf8');
  t.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(profileJsonSchema())));
});
