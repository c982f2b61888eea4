import test from 'ava';
import { latestReadings, readingsBetween } from '@farola/collector/api/query-readings.js';
import { ageOf, type Reading } from '@farola/collector/api/reading.js';
import { countsAt } from '@farola/collector/fleet/counts-at.js';
import { judgeLcu } from '@farola/collector/status/judge-lcu.js';
import { readFacts } from '@farola/collector/status/read-facts.js';
import type { AnalyserRow, KnownEntry, SampleEntry } from '@farola/shared';
import type { SimulatedLcu } from '#scripts/simulated-lcu.js';
import { type CollectorRig, openRig, ROUND_MS } from '../../fakes/collector-rig.js';
import { CONTEXT } from '../../fakes/status-facts.js';
import { analyser } from '../../fakes/test-chain.js';
import { testSigner } from '../../fakes/test-signer.js';

const ID = 'malaga-0042';
/** voltageL1 and activeEnergyImportTotal each minute, thdVoltageL1 each quarter of an hour. */
const ROWS: readonly AnalyserRow[] = [
  analyser(0, 'mains', { quantities: [1, 20], periodS: 60 }),
  analyser(1, 'mains', { quantities: [35], periodS: 900 }),
  analyser(2, 'park', { quantities: [1], periodS: 60 }),
];

function sampleNow(rig: CollectorRig, index: number, change: Partial<SampleEntry> = {}): KnownEntry {
  const values = ROWS[index]!.quantities.map((quantity) => quantity * 1_000);
  return { kind: 'sample', at: rig.time.now(), analyser: index, spanMs: 900, status: 'complete', values, ...change };
}

/** A panel with two analysers, the first of which has two scan groups. */
async function panel(rig: CollectorRig): Promise<SimulatedLcu> {
  const lcu = rig.simulate(ID, 2, ROWS);
  rig.enrol(ID, testSigner(2));
  await rig.time.advance(1000);
  return lcu;
}

/** The LCU is polled once more. */
async function polled(rig: CollectorRig, lcu: SimulatedLcu): Promise<void> {
  const channel = rig.connect(lcu);
  await rig.time.advance(1000);
  channel.close('gone');
  rig.writer.flush();
}

function shown(rig: CollectorRig, fromMs?: number): readonly Reading[] {
  const { fleet, ledger, state, time } = rig;
  const { derived } = state;
  const source = { ledger, derived, countsAt: countsAt(ledger, derived) };
  const lcu = fleet.find(ID)!;
  const nowMs = time.now().wallMs;
  if (fromMs === undefined) return latestReadings(source, { lcu });
  return [...readingsBetween(source, { lcu }, { fromMs, toMs: nowMs, untilMs: nowMs })];
}

/** What is wrong with how the LCU measures. */
function wrong({ fleet, ledger, state, time }: CollectorRig): string[] {
  const marks = { mark: () => ({ mark: 'approved' as const }) };
  const sources = { ...state, fleet, ledger, uptime: undefined, releases: marks, platforms: marks };
  const nowMs = time.now().wallMs;
  const facts = readFacts(fleet.find(ID)!, sources, { nowMs, settledMs: nowMs, roundMs: ROUND_MS }, (error) => {
    throw error;
  });
  const found = judgeLcu(facts, { ...CONTEXT, nowMs, asOfMs: nowMs, begunMs: 0 });
  return found.filter(({ code }) => /^(meter|samples)-/.test(code)).map(({ code, detail }) => `${code} ${detail}`);
}

test('the latest values of an analyser are those of all its scan groups, each with its own instant', async (t) => {
  const rig = await openRig(t);
  const lcu = await panel(rig);
  const marks = {
    offsets: [
      { count: 1, ms: 0 },
      { count: 1, ms: 700 },
    ],
    flags: [{ code: 4, places: [0] }],
  };
  const beganMs = rig.time.now().wallMs;
  lcu.append(sampleNow(rig, 1));
  await rig.time.advance(60_000);
  lcu.append(sampleNow(rig, 0, { marks }));
  lcu.append(sampleNow(rig, 2));
  await polled(rig, lcu);
  const [mains, park, ...more] = shown(rig);
  t.deepEqual([mains?.point, mains?.n, park?.point, more.length], ['alameda-7/mains', 3, 'alameda-7/park', 0]);
  const nowMs = rig.time.now().wallMs;
  t.deepEqual(
    mains?.values.map((value) => [value.quantity, value.value, ageOf(value, nowMs), value.sample.n, ...value.flags]),
    [
      ['voltageL1', '10.00', 1_000, 3, 'voltage-band'],
      ['activeEnergyImportTotal', '20000', 300, 3],
      ['thdVoltageL1', '350.00', 61_000, 2],
    ],
  );
  t.deepEqual(
    mains?.values.map(({ sample }) => sample.periodS),
    [60, 60, 900],
    'each with the period of its group, after which it is stale',
  );
  const span = shown(rig, beganMs);
  t.deepEqual(
    span.map(({ point, n, values }) => [point, n, values.length]),
    [
      ['alameda-7/mains', 2, 1],
      ['alameda-7/mains', 3, 2],
      ['alameda-7/park', 4, 1],
    ],
    'of a span each sample is told by itself',
  );
  t.deepEqual(wrong(rig), []);
});

test('another meter is a condition while the newest sample of the analyser says so, in whatever group', async (t) => {
  const rig = await openRig(t);
  const lcu = await panel(rig);
  for (const index of [0, 1, 2]) lcu.append(sampleNow(rig, index));
  const other = { status: 'other-meter', values: [] } as const;
  for (const index of [0, 1]) lcu.append(sampleNow(rig, index, other));
  await polled(rig, lcu);
  t.deepEqual(wrong(rig), ['meter-mismatch mains']);
  t.deepEqual(
    shown(rig)[0]?.values.map(({ value }) => value),
    [null, null, null],
  );
  await rig.time.advance(60_000);
  lcu.append(sampleNow(rig, 0));
  await polled(rig, lcu);
  t.deepEqual(wrong(rig), [], 'the slow group is asked again within its period');
});

test('an LCU without a sample of any group is told by the shortest of the periods', async (t) => {
  const rig = await openRig(t);
  const lcu = await panel(rig);
  for (const index of [0, 1, 2]) lcu.append(sampleNow(rig, index));
  await polled(rig, lcu);
  await rig.time.advance(2 * ROUND_MS + 50_000);
  await polled(rig, lcu);
  t.deepEqual(wrong(rig), []);
  await rig.time.advance(30_000);
  await polled(rig, lcu);
  t.deepEqual(wrong(rig), ['samples-stale null']);
});
