import { join } from 'node:path';
import type { Journal } from '@farola/agent/journal/journal.js';
import { openSqliteJournal } from '@farola/agent/journal/sqlite-open.js';
import { PanelPlausibility } from '@farola/agent/main/plausibility.js';
import { loadAgentConfig } from '@farola/agent/config.js';
import type { DeviceMark } from '@farola/agent/meter/identity/setting-flags.js';
import { quantityIds } from '@farola/agent/meter/profile/profile.js';
import {
  type AnalyserRow,
  FarolaError,
  type Instant,
  quantityByName,
  SAMPLE_FLAGS,
  type SampleEntry,
  type SampleValue,
  systemRandom,
} from '@farola/shared';
import test, { type ExecutionContext } from 'ava';
import { FakeTime } from '../../fakes/fake-time.js';
import { RecordedLog } from '../../fakes/link-bench.js';
import { writeConfig } from '../../fakes/modbus-bench.js';
import { analyser } from '../../fakes/test-chain.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { EPOCH_START } from '../../fakes/test-journal.js';

const CONFIG = `lines: [{ id: rs485, transport: rtu, path: /dev/ttyUSB0 }]
analysers: [{ id: mains, line: rs485, unit: 1, profile: circutor-cvm-c10 }]
`;
const MINUTE_MS = 60_000;
const NOON: Instant = { monoMs: 500_000_000, wallMs: Date.UTC(2026, 10, 23, 12), quality: 'synchronised' };
const ENERGY = quantityByName('activeEnergyImportTotal')?.id ?? 0;
const REACTIVE = quantityByName('reactiveEnergyImportTotal')?.id ?? 0;
const thisBoot = EPOCH_START.boot;
const otherBoot = new Uint8Array(16).fill(9);

const later = (minutes: number): Instant => ({
  ...NOON,
  monoMs: NOON.monoMs + minutes * MINUTE_MS,
  wallMs: NOON.wallMs + minutes * MINUTE_MS,
});

/** How an earlier run ended. */
interface Earlier {
  readonly boot?: Uint8Array;
  readonly at?: Instant;
  readonly row?: Partial<AnalyserRow>;
  readonly marks?: SampleEntry['marks'];
  /** Whether another device was put in its place behind that sample. */
  readonly exchanged?: boolean;
  /** Whether it had a scan group for that energy, which was read before the others. */
  readonly grouped?: boolean;
}

/** A panel whose earlier run left this energy in the journal; `shows` is what is said of the first one of this run. */
async function panelAfter(
  t: ExecutionContext,
  wh: SampleValue,
  { boot = thisBoot, at = NOON, row, marks, exchanged, grouped }: Earlier = {},
) {
  const path = join(temporaryFolder(t), 'journal.sqlite');
  const { config, profiles } = await loadAgentConfig(await writeConfig(t, CONFIG));
  const profile = profiles.get('circutor-cvm-c10')?.profile;
  if (!profile) throw new RangeError('no profile');
  const rows = [analyser(0, 'mains', { quantities: quantityIds(profile) })];
  const place = rows[0]?.quantities.indexOf(ENERGY) ?? -1;
  const values = (energy: SampleValue): SampleValue[] =>
    quantityIds(profile).map((_, index) => (index === place ? energy : null));
  const begin = async (of: Uint8Array, analysers: readonly AnalyserRow[]): Promise<Journal> => {
    const journal = await openSqliteJournal({
      path,
      lcuId: 'malaga-0042',
      maxBytes: 1e9,
      clock: new FakeTime(),
      random: systemRandom,
    });
    journal.beginEpoch({ ...EPOCH_START, boot: of, analysers });
    return journal;
  };
  const groups = [analyser(0, 'mains', { quantities: [ENERGY] }), analyser(1, 'mains', { quantities: [REACTIVE] })];
  const earlier = await begin(
    boot,
    (grouped ? groups : rows).map((one) => ({ ...one, ...row })),
  );
  const sample: SampleEntry = { kind: 'sample', at, analyser: 0, spanMs: 0, status: 'complete', values: values(wh) };
  if (grouped) {
    earlier.append({ ...sample, values: [wh] });
    earlier.append({ ...sample, analyser: 1, values: [7] });
  } else earlier.append(marks ? { ...sample, marks: { offsets: [], flags: [{ code: 12, places: [place] }] } } : sample);
  if (exchanged) earlier.append({ kind: 'event', at, code: 'meter-exchanged', facts: ['mains', '4711', '815'] });
  earlier.close();
  const journal = await begin(thisBoot, rows);
  t.teardown(() => journal.close());
  const plausibility = new PanelPlausibility({ config, profiles, rows });
  const log = new RecordedLog();
  const now = later(1);
  return {
    plausibility,
    log,
    journal,
    recall: (at = now, from: Pick<Journal, 'pastSamples'> = journal) =>
      plausibility.recall({ journal: from, boot: thisBoot, now: at, log }),
    shows: (energy: SampleValue, at = now, deviceMarks: readonly DeviceMark[] = []) =>
      plausibility.judge(0, { startedAt: at, spanMs: 0, values: values(energy), offsets: [], deviceMarks }),
  };
}

test('a counter that was reset while the panel had no power is told after the restart, with both values', async (t) => {
  const { recall, shows } = await panelAfter(t, 5_000_000, { boot: otherBoot });
  recall();
  t.deepEqual(shows(12).events, [{ code: 'counter-reset', facts: ['mains', ENERGY, 5_000_000, 12] }]);
});

test('a counter that went on is left alone', async (t) => {
  const { recall, shows } = await panelAfter(t, 5_000_000);
  recall();
  t.deepEqual(shows(5_000_080), { flags: [], events: [] });
});

test('within one boot, and between clocks that were set, it is known how long the agent was away', async (t) => {
  for (const boot of [thisBoot, otherBoot]) {
    const { recall, shows } = await panelAfter(t, 5_000_000, { boot });
    recall();
    t.is(shows(5_100_000).events[0]?.code, 'counter-jumped');
  }
});

test('where no clock tells, no step is called too large', async (t) => {
  const { recall, shows } = await panelAfter(t, 5_000_000, { boot: otherBoot, at: { ...NOON, quality: 'none' } });
  recall();
  t.deepEqual(shows(5_100_000).events, []);
});

for (const [name, earlier] of Object.entries<Earlier>({
  'a register map that changed': { row: { profileHash: new Uint8Array(32).fill(1) } },
  'another serial number': { row: { serialNumber: 'another' } },
  'another analyser': { row: { id: 'park' } },
  'a counter that was marked as jumped': { marks: { offsets: [], flags: [] } },
})) {
  test(`nothing is compared with ${name}`, async (t) => {
    const { recall, shows } = await panelAfter(t, 5_000_000, earlier);
    recall();
    t.deepEqual(shows(12).events, []);
  });
}

test('a journal that cannot be read now leaves the counters without a past, and is logged', async (t) => {
  const { recall, shows, log } = await panelAfter(t, 5_000_000);
  recall(NOON, {
    pastSamples() {
      throw new FarolaError('disk-failure', { path: 'x', reason: 'y' });
    },
  });
  t.deepEqual([shows(12).events, log.codes], [[], ['disk-failure']]);
});

test('the newest flags of an analyser are told by rule and quantity, and end with the first reading without', async (t) => {
  const { plausibility, recall, shows } = await panelAfter(t, 5_000_000);
  recall();
  shows(12);
  t.deepEqual(plausibility.flagsOf('mains'), [{ rule: 'counter-reset', quantities: ['activeEnergyImportTotal'] }]);
  shows(20, later(2));
  t.deepEqual(plausibility.flagsOf('mains'), []);
});

test('what a device marks is told with what is not plausible, by rule', async (t) => {
  const { plausibility, recall, shows } = await panelAfter(t, 5_000_000);
  recall();
  const { flags } = shows(12, later(1), ['setting-changed']);
  t.deepEqual(
    flags.map(({ code }) => code),
    [SAMPLE_FLAGS['setting-changed'], SAMPLE_FLAGS['counter-reset']],
  );
  t.deepEqual(plausibility.flagsOf('mains'), [
    { rule: 'setting-changed', quantities: ['activeEnergyImportTotal'] },
    { rule: 'counter-reset', quantities: ['activeEnergyImportTotal'] },
  ]);
});

test('an exchange that reading and counter both tell is one mark', async (t) => {
  const { plausibility, recall, shows } = await panelAfter(t, 5_000_000);
  recall();
  plausibility.exchanged('mains');
  const { flags, events } = shows(12, later(1), ['meter-exchanged']);
  t.like(flags, [{ code: SAMPLE_FLAGS['meter-exchanged'] }]);
  t.is(flags[0]?.places.length, 1);
  t.deepEqual([flags.length, events], [1, []]);
});

test('the first value of a counter whose device was exchanged before the restart is marked so, and compared with none', async (t) => {
  const { recall, shows } = await panelAfter(t, 5_000_000, { exchanged: true });
  recall();
  const { flags, events } = shows(12);
  t.like(flags, [{ code: SAMPLE_FLAGS['meter-exchanged'] }]);
  t.deepEqual([flags.length, events], [1, []]);
  t.deepEqual(shows(20, later(2)), { flags: [], events: [] });
});

test('a counter goes on from the scan group that it was in before the configuration changed', async (t) => {
  const { recall, shows } = await panelAfter(t, 5_000_000, { grouped: true });
  recall();
  t.deepEqual(shows(12).events, [{ code: 'counter-reset', facts: ['mains', ENERGY, 5_000_000, 12] }]);
});
