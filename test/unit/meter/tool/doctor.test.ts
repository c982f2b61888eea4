import { decodeRow } from '@farola/agent/meter/profile/decode-registers.js';
import { examineProfile } from '@farola/agent/meter/profile/examine-profile.js';
import { spanOf } from '@farola/agent/meter/profile/profile.js';
import type { Profile } from '@farola/agent/meter/profile/profile.js';
import { diagnose } from '@farola/agent/meter/tool/doctor/diagnose.js';
import { parseExpectation } from '@farola/agent/meter/tool/doctor/expectation.js';
import type { Expectation } from '@farola/agent/meter/tool/doctor/expectation.js';
import { correctedProfile, foundProfile } from '@farola/agent/meter/tool/doctor/proposed-profile.js';
import { readAround } from '@farola/agent/meter/tool/doctor/read-around.js';
import { searchRegisters } from '@farola/agent/meter/tool/doctor/search-registers.js';
import type { RegisterAnswer } from '@farola/agent/meter/tool/read-registers.js';
import { changedRow } from '@farola/agent/meter/tool/doctor/changed-row.js';
import type { RegisterOrder } from '@farola/agent/meter/tool/register-order.js';
import { REGISTER_ORDERS } from '@farola/agent/meter/tool/register-order.js';
import { encodeRegisters } from '@farola/agent/meter/tool/simulate/simulated-registers.js';
import { FarolaError, quantityByName } from '@farola/shared';
import test from 'ava';
import { profileWith } from '../../../fakes/modbus-profile.js';

/** What the display shows. */
const SHOWN: Readonly<Record<string, number>> = {
  voltageL1: 231.4,
  voltageL2: 230.2,
  currentL1: 7.315,
  activePowerTotal: 4_871,
  frequency: 49.98,
  activeEnergyImportTotal: 12_345_678,
};

const ROWS = [
  { quantity: 'voltageL1', addr: 0x20, type: 'u32', scale: 0.1 },
  { quantity: 'voltageL2', addr: 0x22, type: 'u32', scale: 0.1 },
  { quantity: 'currentL1', addr: 0x24, type: 'u32', scale: 0.001 },
  { quantity: 'activePowerTotal', addr: 0x30, type: 's32', scale: 1 },
  { quantity: 'frequency', addr: 0x40, type: 'u16', scale: 0.01 },
  {
    quantity: 'activeEnergyImportTotal',
    composite: { high: { addr: 0x50, type: 'u32', scale: 1_000 }, low: { addr: 0x52, type: 'u16', scale: 1 } },
  },
];

const expectations = Object.entries(SHOWN).map(([quantity, value]) => ({ quantity, value }) as Expectation);

/** What a device of this map holds; registers that it does not have are refused. */
function deviceOf(profile: Profile): Map<number, RegisterAnswer> {
  const held = encodeRegisters(profile, (quantity) => SHOWN[quantity]);
  const answers = new Map<number, RegisterAnswer>();
  for (let register = 0; register < 0x60; register++) {
    const word = held.get(register);
    answers.set(register, register >= 0x10 ? { word: word ?? 0 } : { exception: 2 });
  }
  return answers;
}

const everywhere = (device: Map<number, RegisterAnswer>) => expectations.map(() => device);

/** The proposal, once it is checked as `profile check` does. */
function goodProfile(yaml: string | undefined): Profile {
  const id = /^id: "(.*)"$/m.exec(yaml ?? '')?.[1];
  const { profile, problems } = examineProfile(yaml ?? '', `/x/${id}.yaml`);
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (!profile || errors.length > 0) throw new RangeError(`${JSON.stringify(errors)}\n${yaml}`);
  return profile;
}

/** What a profile reads from a device. */
function readBy(profile: Profile, device: Map<number, RegisterAnswer>): Record<string, number> {
  return Object.fromEntries(
    profile.rows.map((row) => {
      const { from, to } = spanOf(row);
      const words = Array.from({ length: to - from }, (_, index) => {
        const answer = device.get(from + index);
        return answer && 'word' in answer ? answer.word : 0;
      });
      const bytes = Uint8Array.from(words.flatMap((word) => [word >> 8, word & 0xff]));
      const value = decodeRow(row, { address: from, bytes }, profile);
      return [row.quantity, Number(value) / 10 ** (quantityByName(row.quantity)?.decimals ?? 0)];
    }),
  );
}

const good = profileWith(ROWS, { id: 'good' });

test('a profile that is right is told so', (t) => {
  const { findings, change, fitting } = diagnose(good, expectations, everywhere(deviceOf(good)));
  t.is(change, null);
  t.is(fitting, findings.length);
  t.true(findings.every(({ agrees, verdict, fits }) => agrees && verdict === 'read' && fits?.power === 0));
});

for (const offset of [-3, -1, 0, 1, 2, 3]) {
  for (const order of REGISTER_ORDERS as readonly RegisterOrder[]) {
    if (offset === 0 && order === 'ABCD') continue;
    test(`finds that a map is off by ${offset}, in the order ${order}, and proposes a profile that reads what is shown`, (t) => {
      const device = deviceOf({ ...good, rows: good.rows.map((row) => changedRow(row, { offset, order }, 0, good)) });
      const diagnosis = diagnose(good, expectations, everywhere(device));
      t.deepEqual(diagnosis.change, { offset, order });
      t.is(diagnosis.fitting, expectations.length);
      const read = readBy(goodProfile(correctedProfile(good, diagnosis, '2026-11-23')), device);
      for (const [quantity, value] of Object.entries(SHOWN))
        t.true(Math.abs((read[quantity] ?? 0) - value) <= 0.01 * value, quantity);
    });
  }
}

for (const power of [-3, -1, 1, 3]) {
  test(`finds that a scale has to be multiplied by 1e${power}`, (t) => {
    const device = deviceOf({
      ...good,
      rows: good.rows.map((row) =>
        row.quantity === 'activePowerTotal' ? changedRow(row, { offset: 0, order: 'ABCD' }, power, good) : row,
      ),
    });
    const diagnosis = diagnose(good, expectations, everywhere(device));
    t.is(diagnosis.change, null);
    const power_ = diagnosis.findings.find(({ quantity }) => quantity === 'activePowerTotal');
    t.like(power_, { agrees: false, verdict: 'read', fits: { power } });
    t.is(diagnosis.findings.filter(({ agrees }) => agrees).length, 5);
    const read = readBy(goodProfile(correctedProfile(good, diagnosis, '2026-11-23')), device);
    t.true(Math.abs((read['activePowerTotal'] ?? 0) - 4_871) <= Math.max(50, 0.5 * 10 ** power));
  });
}

test('the words say what came of each: read, zero, refused, no answer, not polled', (t) => {
  const device = deviceOf(good);
  device.set(0x24, { word: 0 }).set(0x25, { word: 0 }).set(0x30, { exception: 2 });
  const asked: Expectation[] = [...expectations, { quantity: 'temperature', value: 30 }];
  const silence = new FarolaError('meter-timeout', { analyser: 'main', unit: 1, timeoutMs: 100 });
  const readouts = asked.map(({ quantity }) => (quantity === 'frequency' ? silence : device));
  const verdicts = Object.fromEntries(diagnose(good, asked, readouts).findings.map((one) => [one.quantity, one.verdict]));
  t.deepEqual(verdicts, {
    voltageL1: 'read',
    voltageL2: 'read',
    currentL1: 'zero',
    activePowerTotal: 'refused',
    frequency: 'no answer',
    activeEnergyImportTotal: 'read',
    temperature: 'not polled',
  });
});

test('where nothing fits nothing is proposed', (t) => {
  const device = new Map(Array.from({ length: 0x60 }, (_, register) => [register, { word: 0x0101 }] as const));
  const diagnosis = diagnose(
    good,
    expectations.slice(0, 1).map((one) => ({ ...one, value: -231.4 })),
    [device],
  );
  t.is(diagnosis.fitting, 0);
  t.is(correctedProfile(good, diagnosis, '2026-11-23'), undefined);
});

test('of one quantity that fits only its own row is proposed', (t) => {
  const device = deviceOf({ ...good, rows: good.rows.map((row) => changedRow(row, { offset: 1, order: 'ABCD' }, 0, good)) });
  const one = expectations.filter(({ quantity }) => quantity === 'activePowerTotal');
  const profile = goodProfile(correctedProfile(good, diagnose(good, one, [device]), '2026-11-23'));
  t.deepEqual(
    profile.rows.map(({ quantity }) => quantity),
    ['activePowerTotal'],
  );
});

test('without a profile registers are searched, and what is found is a profile', (t) => {
  const device = deviceOf(good);
  const shown = expectations.filter(({ quantity }) => quantity !== 'activeEnergyImportTotal');
  const found = searchRegisters(shown, device);
  for (const { quantity, places } of found) {
    const at = good.rows.find((row) => row.quantity === quantity);
    t.true(
      places.some(({ addr }) => at !== undefined && 'addr' in at && (addr === at.addr || addr === at.addr + 1)),
      quantity,
    );
  }
  const model = { id: 'unit-1', vendor: 'unknown', models: ['unknown'], functionCode: 4 as const, day: '2026-11-23' };
  const read = readBy(goodProfile(foundProfile(model, found)), device);
  for (const { quantity, value } of shown) t.true(Math.abs((read[quantity] ?? 0) - value) <= 0.01 * value, quantity);
});

test('a search finds decimal digits, in one register and in two, and the profile of them reads them', (t) => {
  const device = new Map([
    [0x10, { word: 0x2314 }],
    [0x14, { word: 0x4999 }],
    [0x20, { word: 0x1234 }],
    [0x21, { word: 0x5678 }],
  ]);
  const shown: Expectation[] = [
    { quantity: 'voltageL1', value: 231.4 },
    { quantity: 'frequency', value: 49.99 },
    { quantity: 'activeEnergyImportTotal', value: 12_345_678 },
  ];
  const found = searchRegisters(shown, device);
  t.deepEqual(
    found.map(({ places: [place] }) => [place?.addr, place?.type, place?.registers]),
    [
      [0x10, 'bcd', 1],
      [0x14, 'bcd', 1],
      [0x20, 'bcd', 2],
    ],
  );
  const model = { id: 'unit-1', vendor: 'unknown', models: ['unknown'], functionCode: 4 as const, day: '2026-11-23' };
  const read = readBy(goodProfile(foundProfile(model, found)), device);
  for (const { quantity, value } of shown) t.is(read[quantity], value, quantity);
});

test('a value that is nowhere is found nowhere', (t) => {
  t.deepEqual(searchRegisters([{ quantity: 'voltageL1', value: 777.7 }], deviceOf(good))[0]?.places, []);
});

test('what is typed is a quantity and a number, or a thousand of it', (t) => {
  t.deepEqual(parseExpectation('voltageL1=231.4'), { quantity: 'voltageL1', value: 231.4 });
  t.deepEqual(parseExpectation('activeEnergyImportTotal=12.5k'), { quantity: 'activeEnergyImportTotal', value: 12_500 });
  for (const wrong of ['voltageL1', 'voltageL1=', 'voltage=230', 'voltageL1=230V', '=1'])
    t.is(t.throws<FarolaError>(() => parseExpectation(wrong)).code, 'usage', wrong);
});

test('a model that gives even numbers of registers is asked for such alone, and what is silent costs its own row', async (t) => {
  const asked: [number, number][] = [];
  const even = { ...good, evenCountOnly: true };
  const client = {
    owedCounts: () => new Set<number>(),
    read: async ({ analyser, unit, address, count }: { analyser: string; unit: number; address: number; count: number }) => {
      asked.push([address, count]);
      if (address > 0x38) throw new FarolaError('meter-timeout', { analyser, unit, timeoutMs: 100 });
      if (address % 2 === 1) throw new FarolaError('meter-exception', { analyser, unit, exception: 2 });
      return new Uint8Array(2 * count).fill(1);
    },
  };
  const of = expectations.filter(({ quantity }) => quantity === 'voltageL1' || quantity === 'frequency');
  const [voltage, frequency] = await readAround(
    { unit: 1, profile: even, client },
    of,
    () => undefined,
    new AbortController().signal,
  );
  t.true(asked.every(([, count]) => count % 2 === 0));
  t.deepEqual(voltage instanceof FarolaError ? undefined : voltage?.get(0x20), { word: 0x0101 });
  t.is(frequency instanceof FarolaError && frequency.code, 'meter-timeout');
});

for (const [was, is] of [
  ['u32', 'float32'],
  ['float32', 's32'],
] as const) {
  test(`finds that a map of ${is} is written down as ${was}, and proposes it so for the other rows of that type`, (t) => {
    const plain = ROWS.slice(0, 3);
    const truth = profileWith(
      plain.map((row) => ({ ...row, type: is })),
      { id: 'good' },
    );
    const written = profileWith(
      plain.map((row) => ({ ...row, type: was })),
      { id: 'good' },
    );
    const device = deviceOf(truth);
    const of = expectations.filter(({ quantity }) => quantity === 'voltageL1' || quantity === 'currentL1');
    const diagnosis = diagnose(
      written,
      of,
      of.map(() => device),
    );
    t.is(diagnosis.fitting, 2);
    t.true(diagnosis.findings.every(({ fits }) => fits?.type === is || fits?.type === `u${is.slice(-2)}`));
    const read = readBy(goodProfile(correctedProfile(written, diagnosis, '2026-11-23')), device);
    for (const quantity of ['voltageL1', 'voltageL2', 'currentL1'])
      t.true(Math.abs((read[quantity] ?? 0) - (SHOWN[quantity] ?? 0)) <= 0.01 * (SHOWN[quantity] ?? 0), quantity);
  });
}

test('a row of another type among rows that fit is told with its type', (t) => {
  const device = deviceOf(good);
  const rows = ROWS.map((row) => (row.quantity === 'frequency' ? { ...row, type: 'u32' } : row));
  const written = profileWith(rows, { id: 'good' });
  const { findings, change } = diagnose(written, expectations, everywhere(device));
  t.is(change, null);
  t.like(
    findings.find(({ quantity }) => quantity === 'frequency'),
    { agrees: false, fits: { power: 0, type: 'u16' } },
  );
});

test('what a profile knows of its model beside its rows is in the proposal', (t) => {
  const known = profileWith(ROWS, {
    id: 'good',
    wordOrder: 'highFirst',
    unreadable: [{ from: 0x80, to: 0x90 }],
    exclusive: [0x70],
    minGapMs: 40,
    wakeUp: { questions: 2 },
    serialDefault: { baud: 19_200, parity: 'even' },
    tcpDefault: { port: 502 },
    identity: { model: { addr: 0x70, type: 'u16', values: { 7: 'M' } } },
    setup: [{ what: 'ctPrimary', addr: 0x74, type: 'u16' }],
    neverWrite: [
      { register: 0x78, to: 0x79, effect: 'resets' },
      { coil: 3, effect: 'resets all' },
    ],
    counters: { rollover: 1_000_000_000, steps: [{ from: 100_000, step: 10 }] },
    warnings: ['look twice'],
  });
  const scaled = {
    ...known,
    rows: known.rows.map((row) => (row.quantity === 'frequency' ? changedRow(row, { offset: 0, order: 'ABCD' }, 1, known) : row)),
  };
  const inPlace = goodProfile(correctedProfile(known, diagnose(known, expectations, everywhere(deviceOf(scaled))), '2026-11-23'));
  const { setup, identity, neverWrite, counters, serialDefault, tcpDefault, wakeUp, warnings, exclusive, unreadable, minGapMs } =
    known;
  const all = {
    setup,
    identity,
    neverWrite,
    counters,
    serialDefault,
    tcpDefault,
    wakeUp,
    warnings,
    exclusive,
    unreadable,
    minGapMs,
  };
  t.like(inPlace, all);
  const moved = { ...known, rows: known.rows.map((row) => changedRow(row, { offset: 2, order: 'ABCD' }, 0, known)) };
  const further = goodProfile(correctedProfile(known, diagnose(known, expectations, everywhere(deviceOf(moved))), '2026-11-23'));
  t.like(further, {
    counters,
    serialDefault,
    exclusive: [0x72],
    unreadable: [{ from: 0x82, to: 0x92 }],
    setup: [{ what: 'ctPrimary', addr: 0x76, trust: 'verify' }],
    identity: { model: { addr: 0x72, trust: 'verify' } },
    neverWrite: [{ register: 0x7a, to: 0x7b }, { coil: 3 }],
  });
});

test('a row that would be moved before the first register is left out', (t) => {
  const known = profileWith([...ROWS, { quantity: 'voltageL3', addr: 0, type: 'u16', scale: 0.1 }], { id: 'good' });
  const moved = {
    ...known,
    rows: known.rows.slice(0, -1).map((row) => changedRow(row, { offset: -1, order: 'ABCD' }, 0, known)),
  };
  const profile = goodProfile(correctedProfile(known, diagnose(known, expectations, everywhere(deviceOf(moved))), '2026-11-23'));
  t.false(profile.rows.some(({ quantity }) => quantity === 'voltageL3'));
});
