import { FarolaError, QUANTITIES } from '@farola/shared';
import type { Facts } from '@farola/shared';
import { analyserReader } from '@farola/agent/meter/analyser-reader.js';
import type { RegisterClient, RegisterQuestion } from '@farola/agent/meter/line/register-client.js';
import test from 'ava';
import { FakeTime } from '../../fakes/fake-time.js';
import { profileWith } from '../../fakes/modbus-profile.js';

type Play = (question: RegisterQuestion) => 'timeout' | 'malformed' | 'lost' | number;

/** A client that answers each register with its address, or fails as the play says: a number is an exception. */
function playedClient(time: FakeTime, play: Play) {
  const asked: [number, number][] = [];
  const client: RegisterClient = {
    owedCounts: () => new Set(),
    async read(question) {
      asked.push([question.address, question.count]);
      question.onSent?.();
      await time.advance(10);
      const said = play(question);
      const { analyser, unit } = question;
      const fail = (code: 'meter-timeout' | 'meter-malformed' | 'meter-exception' | 'port-in-use', facts: Facts) => {
        throw new FarolaError(code, { analyser, unit, ...facts });
      };
      if (said === 'timeout') fail('meter-timeout', { timeoutMs: 1_000 });
      if (said === 'malformed') fail('meter-malformed', { reason: 'noise' });
      if (said === 'lost') fail('port-in-use', { path: '/dev/x' });
      if (typeof said === 'number' && said > 0) fail('meter-exception', { exception: said });
      const registers = Array.from({ length: question.count }, (_, index) => question.address + index);
      return Uint8Array.from(registers.flatMap((register) => [register >> 8, register & 0xff]));
    },
  };
  return { client, asked };
}

const at = (quantity: string, addr: number) => ({ quantity, addr, type: 'u16', scale: 1 });
/** Three blocks: 0 to 1 with a hole, 100, 200. */
const profile = profileWith([
  at('activeEnergyImportTotal', 100),
  at('activeEnergyExportTotal', 1),
  at('reactiveEnergyImportTotal', 4),
  at('reactiveEnergyExportTotal', 200),
]);

function bench(play: Play) {
  const time = new FakeTime();
  const { client, asked } = playedClient(time, play);
  return { time, asked, reader: analyserReader({ id: 'one', unit: 1, profile, client, clock: time }) };
}

test('reads all blocks and puts the values in the order of the rows', async (t) => {
  const { time, asked, reader } = bench(() => 0);
  const startedAt = time.now();
  const reading = await reader.read();
  const offsets = [
    { count: 1, ms: 10 },
    { count: 2, ms: 0 },
    { count: 1, ms: 20 },
  ];
  t.deepEqual(reading, { startedAt, spanMs: 30, status: 'complete', values: [100, 1, 4, 200], offsets, failure: undefined });
  t.deepEqual(asked, [
    [1, 4],
    [100, 1],
    [200, 1],
  ]);
});

for (const [said, status] of [
  ['timeout', 'timeout'],
  ['malformed', 'malformed'],
  ['lost', 'line-unavailable'],
] as const) {
  test(`ends a reading whose first block says ${said}`, async (t) => {
    const { asked, reader } = bench(() => said);
    t.like(await reader.read(), { status, values: [null, null, null, null] });
    t.is(asked.length, 1);
  });
}

test('ends at a block that is unanswered twice and keeps what was read', async (t) => {
  const { asked, reader } = bench(({ address }) => (address === 100 ? 'timeout' : 0));
  const reading = await reader.read();
  t.deepEqual(reading.values, [null, 1, 4, null]);
  t.is(reading.status, 'partial');
  t.is(reading.failure?.code, 'meter-timeout');
  t.deepEqual(asked.slice(1), [
    [100, 1],
    [100, 1],
  ]);
});

test('asks an analyser that answers once more for what it left unanswered', async (t) => {
  let timeouts = 1;
  const { asked, reader } = bench(({ address }) => (address === 100 && timeouts-- > 0 ? 'timeout' : 0));
  t.like(await reader.read(), { status: 'complete', values: [100, 1, 4, 200], failure: undefined });
  t.is(asked.length, 4);
});

test('asks for another number of registers while an answer is owed, and gives the same values', async (t) => {
  const time = new FakeTime();
  const { client, asked } = playedClient(time, () => 0);
  const owing: RegisterClient = { ...client, owedCounts: () => new Set([1, 4]) };
  const reader = analyserReader({ id: 'one', unit: 1, profile, client: owing, clock: time });
  t.like(await reader.read(), { status: 'complete', values: [100, 1, 4, 200] });
  t.true(
    asked.every(([, count]) => count !== 1 && count !== 4),
    String(asked),
  );
});

test('misses only the block that is answered by an exception', async (t) => {
  const { reader } = bench(({ address }) => (address === 100 ? 2 : 0));
  const reading = await reader.read();
  t.deepEqual(reading.values, [null, 1, 4, 200]);
  t.is(reading.status, 'partial');
});

test('says exception when every block is answered by one', async (t) => {
  const { reader } = bench(() => 1);
  t.is((await reader.read()).status, 'exception');
});

test('reads a block without its holes once the model refuses them, and remembers it', async (t) => {
  const { asked, reader } = bench(({ address, count }) => (address === 1 && count === 4 ? 2 : 0));
  t.like(await reader.read(), { status: 'complete', values: [100, 1, 4, 200] });
  asked.length = 0;
  t.is((await reader.read()).status, 'complete');
  t.deepEqual(asked, [
    [1, 1],
    [4, 1],
    [100, 1],
    [200, 1],
  ]);
});

test('finds the one register that the model does not have, reads all others, and does not ask for it again', async (t) => {
  const names = QUANTITIES.slice(0, 9).map(({ name }) => name);
  const rows = names.map((name, addr) => at(name, addr));
  const time = new FakeTime();
  const { client, asked } = playedClient(time, ({ address, count }) => (address <= 5 && 5 < address + count ? 3 : 0));
  const reader = analyserReader({ id: 'one', unit: 1, profile: profileWith(rows), client, clock: time });
  const first = await reader.read();
  t.like(first, { status: 'partial', failure: { code: 'meter-exception' } });
  t.deepEqual(
    first.values.map((value) => value === null),
    rows.map((_row, index) => index === 5),
  );
  asked.length = 0;
  const second = await reader.read();
  t.like(second, { status: 'complete', failure: undefined });
  t.deepEqual(second.values, first.values);
  t.false(asked.some(([address, count]) => address <= 5 && 5 < address + count));
});

test('asks a model that refuses everything for everything again', async (t) => {
  let refuses = true;
  const { asked, reader } = bench(() => (refuses ? 2 : 0));
  t.like(await reader.read(), { status: 'exception', values: [null, null, null, null] });
  refuses = false;
  asked.length = 0;
  t.like(await reader.read(), { status: 'complete', values: [100, 1, 4, 200] });
  t.is(asked.length, 3);
});

test('learns nothing from a refusal of more registers than planned: the row is asked for again', async (t) => {
  const time = new FakeTime();
  const { client, asked } = playedClient(time, ({ address, count }) => (address === 100 && count === 2 ? 2 : 0));
  const owed = new Set<number>();
  const reader = analyserReader({ id: 'one', unit: 1, profile, client: { ...client, owedCounts: () => owed }, clock: time });
  t.like(await reader.read(), { status: 'complete' });
  owed.add(1);
  asked.length = 0;
  t.like(await reader.read(), { status: 'partial', values: [null, 1, 4, 200] });
  t.true(asked.some(([address, count]) => address === 100 && count === 2));
  owed.clear();
  t.like(await reader.read(), { status: 'complete', values: [100, 1, 4, 200] });
});

test('a block that is asked for again has the instant of the request that was answered', async (t) => {
  let timeouts = 1;
  const { time, reader } = bench(({ address }) => (address === 100 && timeouts-- > 0 ? 'timeout' : 0));
  const startedAt = time.now();
  const { offsets, ...reading } = await reader.read();
  t.like(reading, { startedAt, spanMs: 40 });
  t.deepEqual(offsets, [
    { count: 1, ms: 20 },
    { count: 2, ms: 0 },
    { count: 1, ms: 30 },
  ]);
});

test('what was not answered takes the instant of its neighbour', async (t) => {
  const { reader } = bench(({ address }) => (address === 1 ? 4 : 0));
  const { offsets, values } = await reader.read();
  t.deepEqual(values, [100, null, null, 200]);
  t.deepEqual(offsets, [
    { count: 3, ms: 10 },
    { count: 1, ms: 20 },
  ]);
});

test('a reading begins when its first request is put on the line, not when that is queued', async (t) => {
  const time = new FakeTime();
  const { client } = playedClient(time, () => 0);
  const queued: RegisterClient = {
    ...client,
    async read(question, signal) {
      await time.advance(700);
      return client.read(question, signal);
    },
  };
  const beganMs = time.now().monoMs;
  const reader = analyserReader({ id: 'one', unit: 1, profile, rows: [1, 2], client: queued, clock: time });
  const { startedAt, spanMs, offsets, values } = await reader.read();
  t.deepEqual([startedAt.monoMs - beganMs, spanMs, offsets, values], [700, 10, [], [1, 4]]);
});

test('a probe asks for no number of registers whose answer is owed, and asks nothing where each is', async (t) => {
  const time = new FakeTime();
  const { client, asked } = playedClient(time, () => 0);
  let owed = new Set<number>();
  const reader = analyserReader({ id: 'one', unit: 1, profile, client: { ...client, owedCounts: () => owed }, clock: time });
  t.like(await reader.probe(), { status: 'complete', values: [] });
  owed = new Set([1, 2, 3, 4]);
  t.like(await reader.probe(), { status: 'complete', values: [] });
  t.deepEqual(
    asked.map(([, count]) => count),
    [1, 5],
  );
  owed = new Set(Array.from({ length: 125 }, (_, at) => at + 1));
  t.like(await reader.probe(), { status: 'not-asked', failure: { code: 'meter-not-asked' } });
  t.is(asked.length, 2);
});

test('passes a defect on', async (t) => {
  const client: RegisterClient = {
    owedCounts: () => new Set(),
    read: () => Promise.reject(new TypeError('a defect')),
  };
  const reader = analyserReader({ id: 'one', unit: 1, profile, client, clock: new FakeTime() });
  await t.throwsAsync(reader.read(), { instanceOf: TypeError });
});
