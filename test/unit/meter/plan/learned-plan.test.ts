import { agentConfigSchema } from '@farola/agent/config.js';
import { lineAdapters } from '@farola/agent/meter/line/line-adapters.js';
import { parseReadRequest } from '@farola/agent/meter/line/rtu-frame.js';
import { openMeter } from '@farola/agent/meter/meter.js';
import { explainPlan } from '@farola/agent/meter/plan/explain-plan.js';
import { USUAL_COST } from '@farola/agent/meter/plan/line-cost.js';
import { planText } from '@farola/agent/meter/plan/plan-text.js';
import { toldRefusals } from '@farola/agent/meter/plan/told-refusals.js';
import { unitStatuses } from '@farola/agent/status/unit-status.js';
import { VirtualTime } from '@farola/agent/meter/tool/transcript/node-virtual-time.js';
import { QUANTITIES } from '@farola/shared';
import test from 'ava';
import { dataAnswer, exceptionAnswer } from '../../../fakes/modbus-frames.js';
import { profileWith } from '../../../fakes/modbus-profile.js';
import { ScriptedTransport } from '../../../fakes/modbus-transport.js';

const { clientOf } = await lineAdapters();
const BYTE_MS = 10_000 / 9_600;
const at = (place: number, addr: number) => ({ quantity: QUANTITIES[place]!.name, addr, type: 'u16', scale: 1 });

/** A device on a line of 9600 baud that takes so long for an answer, ms, and lacks these registers. */
function bench(profile: ReturnType<typeof profileWith>, { lacks = [] as number[], scanGroups = [] as object[] } = {}) {
  const config = agentConfigSchema.parse({
    lines: [{ id: 'main', transport: 'rtu', path: '/dev/x', baud: 9_600 }],
    analysers: [{ id: 'mains', line: 'main', unit: 1, profile: profile.id, ...(scanGroups.length > 0 ? { scanGroups } : {}) }],
  });
  const time = new VirtualTime();
  const line = new ScriptedTransport();
  const device = { takesMs: 40 };
  const asked: [number, number][] = [];
  line.onWrite = (frame) => {
    const { unit, functionCode, address, count } = parseReadRequest(frame);
    asked.push([address, count]);
    const isRefused = lacks.some((one) => address <= one && one < address + count);
    const words = Array.from({ length: count }, (_, index) => address + index);
    const answer = isRefused ? exceptionAnswer(unit, 2, functionCode) : dataAnswer(unit, words, functionCode);
    time.after((frame.length + answer.length) * BYTE_MS + device.takesMs, () => line.receive(answer));
  };
  const loaded = { profile, origin: 'shipped' as const, hash: new Uint8Array(32), path: profile.id };
  const meter = openMeter(config, new Map([[profile.id, loaded]]), {
    ...{ clock: time, timers: time, nowMs: () => time.now().monoMs, random: () => 0 },
    ...{ recognisable: async () => [], clientOf, transportOf: () => line },
  });
  const statuses: string[] = [];
  /** Reads a group so often; the questions of the last time, and what they gave. */
  const read = async (group: number, times = 1) => {
    let values: readonly unknown[] = [];
    for (let turn = 0; turn < times; turn++) {
      asked.length = 0;
      const reading = await time.run(meter.readers[group]!.read());
      statuses.push(reading.status);
      ({ values } = reading);
    }
    return { asked: [...asked], values };
  };
  return { device, meter, read, statuses };
}

/** Two rows with 19 registers between them, which take as long as 40 ms. */
const APART = profileWith([at(0, 0), at(1, 20)]);
const TOGETHER: [number, number][] = [[0, 21]];
const EACH: [number, number][] = [
  [0, 1],
  [20, 1],
];

test('what lies between two rows is read along as long as that is cheaper than what the analyser is known to take', async (t) => {
  const { device, read, statuses } = bench(APART);
  device.takesMs = 3;
  t.deepEqual((await read(0, 31)).asked, TOGETHER);
  t.deepEqual((await read(0, 3)).asked, EACH, 'after 32 answers it is known to take 3 ms');
  device.takesMs = 80;
  t.deepEqual((await read(0, 8)).asked, EACH, 'a few slow answers change nothing');
  t.deepEqual((await read(0, 32)).asked, TOGETHER);
  t.deepEqual((await read(0)).values, [0, 2_000]);
  t.deepEqual([...new Set(statuses)], ['complete']);
});

test('a plan does not change while what the analyser takes goes up and down by a fifth', async (t) => {
  const { device, read } = bench(APART);
  device.takesMs = 26;
  const first = (await read(0, 40)).asked;
  for (let turn = 0; turn < 300; turn++) {
    device.takesMs = turn % 64 < 32 ? 24 : 28;
    t.deepEqual((await read(0)).asked, first);
  }
});

/** What the running agent tells of its analyser, as it comes through the status file. */
const toldPlan = (meter: Parameters<typeof unitStatuses>[0]) => unitStatuses(meter)[0]?.plan;

test('what one scan group was refused, another does not ask for, and the status tells it with its exception', async (t) => {
  const profile = profileWith([at(0, 0), at(1, 5), at(2, 2), at(3, 7)]);
  const scanGroups = [{ seconds: 1, quantities: [QUANTITIES[0].name, QUANTITIES[1].name] }];
  const { meter, read } = bench(profile, { lacks: [3], scanGroups });
  const first = await read(0);
  t.deepEqual(first.asked, [
    [0, 6],
    [0, 1],
    [5, 1],
  ]);
  const second = await read(1);
  t.deepEqual(second.asked, [
    [2, 1],
    [7, 1],
  ]);
  t.deepEqual(second.values, [200, 7_000]);
  const refused = { functionCode: 4 as const, from: 0, to: 6, exception: 2, cuts: [] };
  const holes = [
    { from: 1, to: 2 },
    { from: 3, to: 5 },
  ];
  t.like(toldPlan(meter), { answerMs: null, refusedRows: [], refusedBlocks: [{ ...refused, holes }] });
  const told = toldRefusals(profile, meter.plans.get('mains')!.memory.refusals, [0, 1]);
  t.regex(
    planText(explainPlan(profile, USUAL_COST, meter.plans.get('mains')!.memory, [0, 1]), told).join('\n'),
    /refused: +0x0000 to 0x0005 of function 4, by exception 2; split: read without 0x0001, 0x0003 to 0x0004/,
  );
});

test('a row that the device does not have is told by its quantity', async (t) => {
  const profile = profileWith([at(0, 0), at(1, 1), at(2, 2)]);
  const { meter, read } = bench(profile, { lacks: [1] });
  t.deepEqual((await read(0)).values, [0, null, 200]);
  const told = toldRefusals(profile, meter.plans.get('mains')!.memory.refusals, [0, 1, 2]);
  t.deepEqual(told, [{ from: 1, to: 2, functionCode: 4, exception: 2, quantities: [QUANTITIES[1].name], holes: [], cuts: [] }]);
});

test('what the analyser is known to take is in the status', async (t) => {
  const { device, meter, read } = bench(APART);
  device.takesMs = 3;
  await read(0, 34);
  const { answerMs = 0 } = toldPlan(meter) ?? {};
  t.true(answerMs !== null && answerMs >= 3 && answerMs < 5, String(answerMs));
});
