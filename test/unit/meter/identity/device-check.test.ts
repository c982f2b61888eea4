import { readProfiles, SHIPPED_PROFILES } from '@farola/agent/meter/profile/profile-file.js';
import type { Profile } from '@farola/agent/meter/profile/profile.js';
import test from 'ava';
import { checkOf, FactDevice } from '../../../fakes/fact-device.js';
import { profileWith } from '../../../fakes/modbus-profile.js';

const { profiles } = await readProfiles([SHIPPED_PROFILES]);
const shipped = [...profiles.values()].map(({ profile }) => profile);

function profileOf(id: string): Profile {
  const loaded = profiles.get(id);
  if (!loaded) throw new RangeError(`${id} is not shipped`);
  return loaded.profile;
}

const EM300 = profileOf('carlo-gavazzi-em300');
const ABB = profileOf('abb-b23-b24');
const C10 = profileOf('circutor-cvm-c10');
const E34 = profileOf('socomec-countis-e34');
const HOUR_MS = 3_600_000;
const EM340 = {
  profile: EM300,
  facts: { model: 341, serialNumber: 'KY0530018003A', measuringSystem: 0, ctRatio: 10, vtRatio: 10, thdEnable: 0 },
};
const B23 = { profile: ABB, facts: { model: 'B23 ', serialNumber: 4_711, firmware: '1.0.0' } };
const CVM = { profile: C10, facts: { vtPrimary: 1, vtSecondary: 1, ctPrimary: 100, ctSecondary: 5 } };

for (const profile of shipped.filter(({ identity }) => identity?.model)) {
  const model = profile.identity?.model;
  for (const [value, name] of Object.entries(model?.values ?? {})) {
    test(`${profile.id} accepts a device that says ${value}`, async (t) => {
      const { pass, check } = checkOf(new FactDevice().become({ profile, facts: { model: value } }), { profile });
      t.is(await pass(), undefined);
      t.is(check.state.facts?.model, name);
      t.is(check.state.mismatch, null);
    });
  }

  for (const [value, why] of Object.entries(model?.refused ?? {})) {
    test(`${profile.id} refuses a device that says ${value}, and tells why`, async (t) => {
      const device = new FactDevice().become({ profile, facts: { model: value } });
      const { pass, events } = checkOf(device, { profile, recognisable: shipped });
      const failure = await pass();
      t.is(failure?.code, 'meter-mismatch');
      t.true(String(failure?.facts['says']).endsWith(`which is ${why}`));
      t.is(failure?.facts['looksLike'], why);
      t.deepEqual(
        events.map(([code]) => code),
        ['meter-mismatch'],
      );
    });
  }

  for (const { profile: other, facts } of [EM340, B23].filter((one) => one.profile.id !== profile.id)) {
    test(`${profile.id} refuses ${other.id} by its name`, async (t) => {
      const { pass, events } = checkOf(new FactDevice().become({ profile: other, facts }), { profile, recognisable: shipped });
      const failure = await pass();
      t.like(failure?.facts, {
        analyser: 'mains',
        unit: 1,
        line: 'main',
        expected: `${profile.vendor} ${profile.models.join(', ')}`,
      });
      t.true(String(failure?.facts['looksLike']).includes(`(profile ${other.id})`));
      t.deepEqual(events[0]?.at(-1), [other.id]);
    });
  }
}

test('what answers exception 2 for its model, and is like nothing, is refused', async (t) => {
  const { pass } = checkOf(new FactDevice(), { profile: ABB, recognisable: shipped });
  const failure = await pass();
  t.is(failure?.code, 'meter-mismatch');
  t.is(failure?.facts['says'], 'exception 2 for register 0x8960');
  t.is(failure?.facts['looksLike'], 'nothing that is known');
});

test('a busy device is not another one: it is asked again', async (t) => {
  const device = new FactDevice().become(B23);
  const { pass, events } = checkOf(device, { profile: ABB, recognisable: shipped });
  device.exception = 6;
  t.is((await pass())?.code, 'meter-exception');
  device.exception = 0;
  t.is(await pass(), undefined);
  t.deepEqual(events, [['meter-identified', 'mains', 1, 'abb-b23-b24', 'B23', '4711', '1.0.0']]);
});

test('a refused device is recognised once, asked with one request each time, and taken when the wiring is put right', async (t) => {
  const device = new FactDevice().become(EM340);
  const { pass, asked, events } = checkOf(device, { profile: ABB, recognisable: shipped });
  const failure = await pass();
  asked.length = 0;
  for (let cycle = 0; cycle < 3; cycle++) t.is(await pass(), failure);
  t.is(asked.length, 3);
  device.become(B23);
  t.is(await pass(), undefined);
  t.deepEqual(
    events.map(([code]) => code),
    ['meter-mismatch', 'meter-identified'],
  );
  device.become(EM340);
  t.is(await pass(), undefined, 'nothing says that it may be another one');
});

test('a device is asked again after the line was opened, after a silence and after an hour, and not in between', async (t) => {
  const device = new FactDevice().become(B23);
  const { pass, asked, line, check, time } = checkOf(device, { profile: ABB, recognisable: shipped });
  await pass();
  const questions = async (): Promise<number[]> => {
    asked.length = 0;
    await pass();
    return asked.map(({ address }) => address);
  };
  t.deepEqual(await questions(), []);
  line.openings++;
  t.deepEqual(await questions(), [0x8960, 0x8900, 0x8908]);
  t.deepEqual(await questions(), []);
  check.wasSilent();
  t.deepEqual(await questions(), [0x8960, 0x8900, 0x8908]);
  await time.advance(HOUR_MS - 1);
  t.deepEqual(await questions(), []);
  await time.advance(1);
  t.deepEqual(await questions(), [0x8960, 0x8900, 0x8908]);
});

for (const [configured, code] of [
  ['0004711', undefined],
  [' 4711', undefined],
  ['4712', 'meter-mismatch'],
] as const) {
  test(`serial number 4711 is ${code ? 'refused' : 'taken'} where ${configured} is configured`, async (t) => {
    const device = new FactDevice().become(B23);
    t.is((await checkOf(device, { profile: ABB, analyser: { serialNumber: configured } }).pass())?.code, code);
  });
}

test('devices that changed places are told by the names of their analysers', async (t) => {
  const supply = { volts: 230, hertz: 50, phases: 3 } as const;
  const park = { id: 'park', line: 'main', unit: 2, profile: ABB.id, supply, serialNumber: '4711' };
  const device = new FactDevice().become(B23);
  const { pass } = checkOf(device, { profile: ABB, analyser: { serialNumber: '4712' }, analysers: [park] });
  const failure = await pass();
  t.like(failure?.facts, {
    expected: 'serial number 4712',
    says: 'serial number 4711',
    looksLike: 'the device of analyser park',
  });
});

test('a serial number that the profile is not sure of refuses nothing, and is told once', async (t) => {
  const scene = checkOf(new FactDevice().become(EM340), { profile: EM300, analyser: { serialNumber: 'other' } });
  t.is(await scene.pass(), undefined);
  scene.line.openings++;
  t.is(await scene.pass(), undefined);
  t.deepEqual(scene.events.filter(([code]) => code === 'meter-mismatch').length, 1);
  t.deepEqual(scene.warnings, ['meter-doubtful']);
});

test('a product name of a sister model refuses nothing, and is told', async (t) => {
  const device = new FactDevice().become({ profile: E34, facts: { model: 'SOCO', productName: 'E23 CNTS' } });
  const { pass, warnings, check } = checkOf(device, { profile: E34 });
  t.is(await pass(), undefined);
  t.deepEqual(warnings, ['meter-doubtful']);
  t.like(check.state.facts, { model: 'Socomec', productName: 'E23 CNTS' });
});

for (const productName of ['COUNTIS E34', 'COUNTIS', 'countis-']) {
  test(`product name ${productName} is that of a Countis E34, as far as it goes`, async (t) => {
    const device = new FactDevice().become({ profile: E34, facts: { model: 'SOCO', productName } });
    const { pass, warnings } = checkOf(device, { profile: E34 });
    await pass();
    t.deepEqual(warnings, []);
  });
}

test('who it is is told once in an epoch, and again when it changes', async (t) => {
  const device = new FactDevice().become(B23);
  const { pass, events, line, check } = checkOf(device, { profile: ABB });
  const again = async (): Promise<void> => {
    line.openings++;
    await pass();
  };
  await again();
  await again();
  t.is(events.length, 1);
  device.become({ profile: ABB, facts: { ...B23.facts, firmware: '1.1.0' } });
  check.wasSilent();
  await pass();
  t.deepEqual(events[1], ['meter-identified', 'mains', 1, 'abb-b23-b24', 'B23', '4711', '1.1.0']);
  line.epoch = 'two';
  await again();
  t.is(events.length, 3);
});

test('another serial number than in the run before is an exchange', async (t) => {
  const device = new FactDevice().become(B23);
  const { pass, known } = checkOf(device, { profile: ABB });
  await pass();
  device.become({ profile: ABB, facts: { ...B23.facts, serialNumber: 815 } });
  const next = checkOf(device, { profile: ABB, known });
  await next.pass();
  t.deepEqual(
    next.events.map(([code, ...facts]) => [code, ...facts.slice(0, 3)]),
    [
      ['meter-exchanged', 'mains', '4711', '815'],
      ['meter-identified', 'mains', 1, 'abb-b23-b24'],
    ],
  );
  t.is(next.check.report.exchanges, 1);
  const same = checkOf(device, { profile: ABB, known });
  await same.pass();
  t.is(same.check.report.exchanges, 0);
});

test('another model is an exchange where no serial number is told, and its settings are not changed ones', async (t) => {
  const facts = { model: 341, measuringSystem: 0 };
  const device = new FactDevice().become({ profile: EM300, facts });
  const { pass, known } = checkOf(device, { profile: EM300 });
  await pass();
  device.become({ profile: EM300, facts: { model: 331, measuringSystem: 1 } });
  const next = checkOf(device, { profile: EM300, known });
  await next.pass();
  t.deepEqual(next.events, [
    ['meter-exchanged', 'mains', null, null],
    ['meter-identified', 'mains', 1, 'carlo-gavazzi-em300', 'EM330 AV6', null, null],
  ]);
  t.is(known.of('mains')?.settings['measuringSystem'], '1');
});

test('a setting that changed is told once, also across a restart', async (t) => {
  const device = new FactDevice().become(CVM);
  const { pass, known, events, time, check } = checkOf(device, { profile: C10 });
  await pass();
  device.become({ profile: C10, facts: { ...CVM.facts, ctPrimary: 150 } });
  await pass();
  t.deepEqual(events, [], 'within the hour nobody looks');
  await time.advance(HOUR_MS);
  await pass();
  t.deepEqual(events, [['setting-changed', 'mains', 'ctPrimary', '100', '150']]);
  t.like(check.report, { settingChanges: 1, differs: false });
  const noticed = { setting: 'ctPrimary', before: '100', now: '150', isConfigured: false, atMs: time.now().wallMs };
  t.deepEqual(check.state.settings, [noticed]);
  device.become({ profile: C10, facts: { ...CVM.facts, ctPrimary: 200 } });
  const next = checkOf(device, { profile: C10, known });
  await next.pass();
  t.deepEqual(next.events, [['setting-changed', 'mains', 'ctPrimary', '150', '200']]);
});

test('settings are read again once the line was opened anew: a ratio that was changed while it was away is told at once', async (t) => {
  const device = new FactDevice().become(CVM);
  const ctRatio = { primary: 100, secondary: 5 };
  const { pass, events, line, check } = checkOf(device, { profile: C10, analyser: { ctRatio } });
  await pass();
  device.become({ profile: C10, facts: { ...CVM.facts, ctPrimary: 200 } });
  line.openings++;
  await pass();
  t.true(check.report.differs);
  t.deepEqual(events, [
    ['setting-changed', 'mains', 'ctPrimary', '100', '200'],
    ['setting-changed', 'mains', 'ctRatio', '100/5', '200/5'],
  ]);
});

test('a ratio that is not the configured one is told once, and differs until it is put right', async (t) => {
  const device = new FactDevice().become({ profile: C10, facts: { ...CVM.facts, ctPrimary: 150 } });
  const ctRatio = { primary: 100, secondary: 5 };
  const { pass, events, warnings, time, check } = checkOf(device, { profile: C10, analyser: { ctRatio } });
  await pass();
  await time.advance(HOUR_MS);
  await pass();
  t.deepEqual(events, [['setting-changed', 'mains', 'ctRatio', '100/5', '150/5']]);
  t.deepEqual(warnings, ['setting-differs']);
  t.true(check.report.differs);
  const noticed = { setting: 'ctRatio', before: '100/5', now: '150/5', isConfigured: true, atMs: time.now().wallMs - HOUR_MS };
  t.deepEqual(check.state.settings, [noticed]);
  device.become(CVM);
  await time.advance(HOUR_MS);
  await pass();
  t.false(check.report.differs);
  t.deepEqual(
    check.state.settings.map(({ setting, before, now }) => [setting, before, now]),
    [['ctPrimary', '150', '100']],
  );
  t.is(check.report.settingChanges, 0, 'what is configured is held against the configuration alone');
});

test('a device that leaves questions about itself unanswered is read all the same, and costs two of them', async (t) => {
  const device = new FactDevice().become(EM340);
  device.onAsk = ({ address }) => void (device.isSilent = address >= 0x1000);
  const { pass, asked } = checkOf(device, { profile: EM300 });
  t.is(await pass(), undefined);
  t.deepEqual(
    asked.map(({ address }) => address),
    [0x000b, 0x5000, 0x1002],
  );
});

test('a model register that the profile is not sure of refuses nothing', async (t) => {
  const unsure = { addr: 7, type: 'u16', trust: 'verify', values: { 1: 'One' } };
  const profile = profileWith([{ quantity: 'voltageL1', addr: 0, type: 'u16', scale: 1 }], { identity: { model: unsure } });
  const device = new FactDevice().become({ profile, facts: { model: 2 } });
  const { pass, warnings, check } = checkOf(device, { profile });
  t.is(await pass(), undefined);
  t.deepEqual(warnings, ['meter-doubtful']);
  t.is(check.state.facts?.model, '2');
});

test('a line that is opened anew at each question makes sure of nothing', async (t) => {
  const device = new FactDevice().become(B23);
  const { pass, line, asked } = checkOf(device, { profile: ABB, analyser: { serialNumber: '4711' } });
  device.onAsk = () => {
    line.openings++;
  };
  t.is((await pass())?.code, 'line-unavailable');
  t.true(asked.length <= 7);
});
