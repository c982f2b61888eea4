import { FarolaError } from '@farola/shared';
import { identifiedReader } from '@farola/agent/meter/identity/identified-reader.js';
import { readProfiles, SHIPPED_PROFILES } from '@farola/agent/meter/profile/profile-file.js';
import type { ProbedReader, Reading } from '@farola/agent/meter/reading.js';
import test from 'ava';
import { checkOf, FactDevice } from '../../../fakes/fact-device.js';
import type { CheckScene } from '../../../fakes/fact-device.js';

const { profiles } = await readProfiles([SHIPPED_PROFILES]);

function profileOf(id: string) {
  const loaded = profiles.get(id);
  if (!loaded) throw new RangeError(`${id} is not shipped`);
  return loaded.profile;
}

const ABB = profileOf('abb-b23-b24');
const C10 = profileOf('circutor-cvm-c10');
const B23 = { profile: ABB, facts: { model: 'B23 ', serialNumber: 4_711 } };
const B21 = { profile: ABB, facts: { model: 'B21 ', serialNumber: 4_711 } };
const CVM = { profile: C10, facts: { vtPrimary: 1, vtSecondary: 1, ctPrimary: 100, ctSecondary: 5 } };
const SILENT = new FarolaError('meter-timeout', { analyser: 'mains', unit: 1, timeoutMs: 1_000 });

/** A reader whose values count its readings, and that does as a test says while it reads. */
function bench(device: FactDevice, scene: CheckScene) {
  const all = checkOf(device, scene);
  const read = { times: 0, probes: 0, silent: false, during: (): void => undefined };
  const reading = (values: number[]): Reading => ({
    startedAt: all.time.now(),
    spanMs: 0,
    status: read.silent ? 'timeout' : 'complete',
    values: read.silent ? [] : values,
    offsets: [],
    failure: read.silent ? SILENT : undefined,
  });
  const inner: ProbedReader = {
    probe: async () => {
      read.probes++;
      return reading([]);
    },
    read: async () => {
      read.times++;
      read.during();
      return reading([read.times]);
    },
  };
  const group = (): ProbedReader => identifiedReader({ reader: inner, device: all.check, clock: all.time });
  return { ...all, read, group };
}

test('no value of another device is used', async (t) => {
  const { group, read } = bench(new FactDevice().become(B21), { profile: ABB });
  t.like(await group().read(), { status: 'other-meter', values: [] });
  t.is(read.times, 0);
});

test('no value is used while the device does not tell what it is', async (t) => {
  const device = new FactDevice().become(B23);
  device.isSilent = true;
  const { group, read } = bench(device, { profile: ABB });
  t.like(await group().read(), { status: 'timeout', values: [] });
  t.is(read.times, 0);
});

test('values that were read across an opening of the line are used when it is still the same device', async (t) => {
  const device = new FactDevice().become(B23);
  const { group, read, line } = bench(device, { profile: ABB });
  read.during = () => {
    line.openings++;
  };
  t.like(await group().read(), { status: 'complete', values: [1] });
});

test('values that were read across an opening of the line are dropped when it is another device now', async (t) => {
  const device = new FactDevice().become(B23);
  const { group, read, line } = bench(device, { profile: ABB });
  read.during = () => {
    line.openings++;
    device.become(B21);
  };
  t.like(await group().read(), { status: 'other-meter', values: [] });
});

test('a reading in which the device was exchanged for one of its kind is made again', async (t) => {
  const device = new FactDevice().become(B23);
  const { group, read, line } = bench(device, { profile: ABB });
  const reader = group();
  await reader.read();
  read.during = () => {
    if (read.times !== 2) return;
    line.openings++;
    device.become({ profile: ABB, facts: { ...B23.facts, serialNumber: 815 } });
  };
  t.like(await reader.read(), { values: [3], deviceMarks: ['meter-exchanged'] });
  t.is((await reader.read()).deviceMarks, undefined);
});

test('a reading that is made again and ends in silence is a silence', async (t) => {
  const device = new FactDevice().become(B23);
  const { group, read, line } = bench(device, { profile: ABB });
  const reader = group();
  await reader.read();
  read.during = () => {
    if (read.times === 2) {
      line.openings++;
      device.become({ profile: ABB, facts: { ...B23.facts, serialNumber: 815 } });
    }
    read.silent = read.times === 3;
  };
  t.is((await reader.read()).status, 'timeout');
  device.become(B21);
  t.is((await reader.read()).status, 'other-meter');
});

test('a reading that is made again across another opening of the line is of the device that was made sure of', async (t) => {
  const device = new FactDevice().become(B23);
  const { group, read, line, events } = bench(device, { profile: ABB });
  const reader = group();
  await reader.read();
  read.during = () => {
    if (read.times === 1 || read.times > 3) return;
    line.openings++;
    device.become(read.times === 2 ? { profile: ABB, facts: { ...B23.facts, serialNumber: 815 } } : B21);
  };
  t.like(await reader.read(), { status: 'other-meter', values: [] });
  t.is(read.times, 3);
  t.deepEqual(
    events.map(([code]) => code),
    ['meter-identified', 'meter-exchanged', 'meter-identified', 'meter-mismatch'],
  );
});

test('devices that are exchanged with each opening of a line give no value, and the line is said to be at fault', async (t) => {
  const device = new FactDevice().become(B23);
  const { group, read, line } = bench(device, { profile: ABB });
  const reader = group();
  await reader.read();
  read.during = () => {
    line.openings++;
    device.become({ profile: ABB, facts: { ...B23.facts, serialNumber: 815 + read.times } });
  };
  t.like(await reader.read(), { status: 'line-unavailable', values: [] });
  t.is(read.times, 4);
  read.during = () => undefined;
  t.like(await reader.read(), { status: 'complete', deviceMarks: ['meter-exchanged'] });
});

test('values of the device before, when the line is opened anew for the one that is looked at behind them, are read again', async (t) => {
  const device = new FactDevice().become(B23);
  const { group, read, line, time } = bench(device, { profile: ABB });
  const reader = group();
  await reader.read();
  await time.advance(3_600_000);
  device.onAsk = ({ address }) => {
    if (read.times !== 2 || address !== ABB.identity?.serialNumber?.addr) return;
    device.onAsk = () => undefined;
    line.openings++;
    device.become({ profile: ABB, facts: { ...B23.facts, serialNumber: 815 } });
  };
  t.like(await reader.read(), { values: [3], deviceMarks: ['meter-exchanged'] });
});

test('after a silence the device is made sure of before its values', async (t) => {
  const device = new FactDevice().become(B23);
  const { group, read } = bench(device, { profile: ABB });
  const reader = group();
  await reader.read();
  read.silent = true;
  t.is((await reader.read()).status, 'timeout');
  read.silent = false;
  device.become(B21);
  t.is((await reader.read()).status, 'other-meter');
});

test('a changed setting marks the first reading of each group after it', async (t) => {
  const device = new FactDevice().become(CVM);
  const { group, time } = bench(device, { profile: C10 });
  const [fast, slow] = [group(), group()];
  t.is((await fast.read()).deviceMarks, undefined);
  t.is((await slow.read()).deviceMarks, undefined);
  device.become({ profile: C10, facts: { ...CVM.facts, ctPrimary: 150 } });
  await time.advance(3_600_000);
  t.deepEqual((await fast.read()).deviceMarks, ['setting-changed']);
  t.is((await fast.read()).deviceMarks, undefined);
  t.deepEqual((await slow.read()).deviceMarks, ['setting-changed']);
  t.is((await slow.read()).deviceMarks, undefined);
});

test('a ratio that is not the configured one marks every reading', async (t) => {
  const ctRatio = { primary: 50, secondary: 5 };
  const { group } = bench(new FactDevice().become(CVM), { profile: C10, analyser: { ctRatio } });
  const reader = group();
  for (let cycle = 0; cycle < 3; cycle++) t.deepEqual((await reader.read()).deviceMarks, ['setting-changed']);
});

for (const id of ['abb-b23-b24', 'carlo-gavazzi-em300']) {
  test(`a silent ${id} is asked once at its first contact`, async (t) => {
    const device = new FactDevice();
    device.isSilent = true;
    const { group } = bench(device, { profile: profileOf(id) });
    t.is((await group().read()).status, 'timeout');
    t.is(device.asked.length, 1);
  });
}
