import { join } from 'node:path';
import test from 'ava';
import { type SampleEntry, toHex } from '@farola/shared';
import { latestReadings } from '@farola/collector/api/query-readings.js';
import { ageOf, isStale } from '@farola/collector/api/reading.js';
import { countsAt } from '@farola/collector/fleet/counts-at.js';
import { rebuildDerived } from '@farola/collector/fleet/rebuild-derived.js';
import { openSqliteState, type SqliteState } from '@farola/collector/fleet/sqlite-state.js';
import type { SimulatedLcu } from '#scripts/simulated-lcu.js';
import { type CollectorRig, openRig, ROUND_MS } from '../../fakes/collector-rig.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { testSigner } from '../../fakes/test-signer.js';

const ID = 'malaga-0042';
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

function sampleNow(rig: CollectorRig): SampleEntry {
  return { kind: 'sample', at: rig.time.now(), analyser: 0, spanMs: 1, status: 'complete', values: [1] };
}

/** An LCU whose first epoch was received while the collector's clock was an hour ahead; then NTP put the clock right. */
async function steppedBack(rig: CollectorRig): Promise<SimulatedLcu> {
  const lcu = rig.simulate(ID, 2);
  rig.enrol(ID, testSigner(2));
  rig.time.step(HOUR_MS);
  rig.connect(lcu);
  lcu.append(sampleNow(rig));
  await rig.time.advance(1000);
  rig.writer.flush();
  rig.time.step(-HOUR_MS);
  return lcu;
}

/** The LCU starts anew and records an event; what it tells is received at once. */
async function restart(rig: CollectorRig, lcu: SimulatedLcu): Promise<void> {
  lcu.beginEpoch();
  lcu.append({ kind: 'event', at: rig.time.now(), code: 'code-changed', facts: [] });
  rig.connect(lcu);
  await rig.time.advance(1000);
}

/** From now on the process ends, as by SIGKILL, before it writes what it derives. */
function crash(rig: CollectorRig): void {
  rig.writer.committed = () => undefined;
}

const knows = ({ derived }: SqliteState, lcu: SimulatedLcu): boolean => derived.table(0, lcu.present.epoch) !== undefined;

for (const [what, restartsBefore] of [
  ['with the first answer after the step', 0],
  ['an answer later', 1],
] as const) {
  test(`6.4: what is stored after the collector's clock went back an hour is derived after a crash ${what}`, async (t) => {
    const rig = await openRig(t);
    const lcu = await steppedBack(rig);
    for (let i = 0; i < restartsBefore; i++) await restart(rig, lcu);
    crash(rig);
    await restart(rig, lcu);
    t.is(rig.stored({ lcuNo: 0 }).length, 1 + restartsBefore);
    t.false(knows(rig.state, lcu));
    const told: string[] = [];
    rebuildDerived({
      ledger: rig.ledger,
      derived: rig.state.derived,
      onEvents: (events) => told.push(...events.map(({ epoch, n }) => `${toHex(epoch)} ${n}`)),
    });
    t.true(knows(rig.state, lcu));
    t.deepEqual(told, [`${toHex(lcu.present.epoch)} 2`]);
  });
}

test('6.4: a second crash, after a start with the clock put right, loses nothing either', async (t) => {
  const rig = await openRig(t);
  const lcu = await steppedBack(rig);
  rebuildDerived({ ledger: rig.ledger, derived: rig.state.derived });
  await rig.time.advance(6 * MINUTE_MS);
  crash(rig);
  await restart(rig, lcu);
  rebuildDerived({ ledger: rig.ledger, derived: rig.state.derived });
  t.true(knows(rig.state, lcu));
});

/** The latest sample of analyser 0: its entry, its age now, and whether it is called stale. */
function shown({ fleet, ledger, writer, state: { derived }, time }: CollectorRig): [string, number | undefined, boolean][] {
  writer.flush();
  const lcu = fleet.find(ID);
  const source = { derived, countsAt: countsAt(ledger, derived) };
  const readings = lcu ? latestReadings(source, { lcu }, time.now().wallMs) : [];
  return readings.map((reading) => {
    const age = ageOf(reading, time.now().wallMs);
    return [`${reading.epoch} ${reading.n}`, age, isStale(age, ROUND_MS)];
  });
}

const newest = ({ present: { epoch, entries } }: SimulatedLcu): string => `${toHex(epoch)} ${entries.length}`;

test('6.4: a value of before the clock went back is shown without an age, as stale', async (t) => {
  const rig = await openRig(t);
  const lcu = await steppedBack(rig);
  t.deepEqual(shown(rig), [[newest(lcu), undefined, true]]);
});

test('6.4: in one epoch the next sample is the latest at once, whatever the clock of the collector does', async (t) => {
  const rig = await openRig(t);
  const lcu = await steppedBack(rig);
  await rig.time.advance(ROUND_MS - 1000);
  lcu.append(sampleNow(rig));
  rig.connect(lcu);
  await rig.time.advance(1000);
  t.deepEqual(shown(rig), [[newest(lcu), 1000, false]]);
});

for (const [what, restarts] of [
  ['the next epoch', 1],
  ['an epoch some restarts later', 5],
] as const) {
  test(`6.4: ${what} takes the place of the one before, and a rebuild comes to the same`, async (t) => {
    const rig = await openRig(t);
    const lcu = await steppedBack(rig);
    for (let i = 0; i < restarts; i++) await restart(rig, lcu);
    lcu.append(sampleNow(rig));
    rig.connect(lcu);
    await rig.time.advance(1000);
    t.deepEqual(shown(rig), [[newest(lcu), 1000, false]]);

    const anew = await openSqliteState({ path: join(temporaryFolder(t), 'state.db') });
    t.teardown(() => anew.close());
    rebuildDerived({ ledger: rig.ledger, derived: anew.derived });
    t.deepEqual(anew.derived.latest(0), rig.state.derived.latest(0));
  });
}

test('6.4: an hour ahead makes a value stale, and the next one fresh', async (t) => {
  const rig = await openRig(t);
  const lcu = rig.simulate(ID, 2);
  rig.enrol(ID, testSigner(2));
  lcu.append(sampleNow(rig));
  rig.connect(lcu);
  await rig.time.advance(1000);
  rig.time.step(HOUR_MS);
  t.deepEqual(shown(rig), [[newest(lcu), HOUR_MS + 1000, true]]);
  lcu.append(sampleNow(rig));
  rig.connect(lcu);
  await rig.time.advance(1000);
  t.deepEqual(shown(rig), [[newest(lcu), 1000, false]]);
});

for (const [ageMs, live] of [
  [300_000, true],
  [300_001, false],
] as const) {
  test(`6.4: a sample of ${ageMs} ms is ${live ? 'live' : 'late'} also where the clock went back an hour before it was received`, async (t) => {
    const rig = await openRig(t);
    const lcu = rig.simulate(ID, 2);
    rig.enrol(ID, testSigner(2));
    lcu.append(sampleNow(rig));
    const channel = rig.connect(lcu);
    await rig.time.advance(1000);
    channel.close('gone');
    const before = newest(lcu);
    lcu.append(sampleNow(rig));
    await rig.time.advance(ageMs);
    rig.time.step(-HOUR_MS);
    rig.connect(lcu);
    await rig.time.advance(1000);
    t.deepEqual(
      shown(rig).map(([id]) => id),
      [live ? newest(lcu) : before],
    );
  });
}
