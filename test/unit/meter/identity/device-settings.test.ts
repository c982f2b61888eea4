import { QUANTITIES, SAMPLE_FLAGS } from '@farola/shared';
import { changedSettings, differingRatios } from '@farola/agent/meter/identity/device-settings.js';
import { settingFlags } from '@farola/agent/meter/identity/setting-flags.js';
import test from 'ava';
import { profileWith } from '../../../fakes/modbus-profile.js';

const ROW = { quantity: 'voltageL1', addr: 0, type: 'u16', scale: 1 };
const parts = (trust: string) =>
  profileWith([ROW], {
    setup: [
      { what: 'ctPrimary', addr: 1, type: 'u16', trust },
      { what: 'ctSecondary', addr: 2, type: 'u16', trust },
    ],
  });
const ctRatio = { primary: 100, secondary: 5 };

for (const [read, differs] of [
  [{ ctPrimary: '100', ctSecondary: '5' }, []],
  [{ ctPrimary: '20', ctSecondary: '1' }, []],
  [{ ctPrimary: '100', ctSecondary: '1' }, [{ setting: 'ctRatio', before: '100/5', now: '100/1' }]],
  [{ ctPrimary: '100' }, []],
  [{}, []],
] as const) {
  test(`100/5 against ${JSON.stringify(read)}`, (t) => {
    t.deepEqual(differingRatios({ ctRatio }, read, parts('manual')), [...differs]);
  });
}

test('registers that the profile is not sure of are not compared', (t) => {
  t.deepEqual(differingRatios({ ctRatio }, { ctPrimary: '1', ctSecondary: '1' }, parts('inferred')), []);
});

test('a ratio in one register is compared', (t) => {
  const profile = profileWith([ROW], { setup: [{ what: 'vtRatio', addr: 1, type: 'u16' }] });
  t.is(differingRatios({ vtRatio: ctRatio }, { vtRatio: '20' }, profile).length, 0);
  t.is(differingRatios({ vtRatio: ctRatio }, { vtRatio: '21' }, profile).length, 1);
});

test('what was not read before or is not read now did not change', (t) => {
  t.deepEqual(changedSettings({ tariff: '1' }, { thdEnable: '1' }), []);
  t.deepEqual(changedSettings({ tariff: '1' }, { tariff: '2' }), [{ setting: 'tariff', before: '1', now: '2' }]);
});

test('a setting marks all values that are there, an exchange the counters', (t) => {
  const id = (name: string): number => QUANTITIES.find((quantity) => quantity.name === name)?.id ?? 0;
  const quantities = [id('voltageL1'), id('activeEnergyImportTotal'), id('currentL1')];
  t.deepEqual(settingFlags(['meter-exchanged', 'setting-changed'], quantities, [2_300, 5n, null]), [
    { code: SAMPLE_FLAGS['setting-changed'], places: [0, 1] },
    { code: SAMPLE_FLAGS['meter-exchanged'], places: [1] },
  ]);
  t.deepEqual(settingFlags(['meter-exchanged'], [id('voltageL1')], [2_300]), []);
  t.deepEqual(settingFlags([], quantities, [1, 2, 3]), []);
});
