import { join } from 'node:path';
import test from 'ava';
import { type SampleEntry, toHex } from '@farola/shared';
import { latestReadings } from '@farola/collector/api/query-readings.js';
import { ageOf, isStale } from '@farola/collector/api/reading.js';
import { countsAt } from '@farola/collector/fleet/counts-at.js';
import type { Lcu } from '@farola/collector/fleet/fleet.js';
import { rebuildDerived } from '@farola/collector/fleet/rebuild-derived.js';
import { sqliteDerivedPart } from '@farola/collector/fleet/sqlite-derived-part.js';
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
  rig.tick();
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
function shown(rig: CollectorRig): [string, number | undefined, boolean][] {
  const { fleet, ledger, state, time } = rig;
  const { derived } = state;
  rig.tick();
  const lcu = fleet.find(ID);
  const source = { ledger, derived, countsAt: countsAt(ledger, derived) };
  const readings = lcu ? latestReadings(source, { lcu }) : [];
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

/** An LCU that gave one sample and is gone; then the clock of the collector goes back an hour. */
async function goneBefore(rig: CollectorRig, silentMs: number): Promise<SimulatedLcu> {
  const lcu = rig.simulate(ID, 2);
  rig.enrol(ID, testSigner(2));
  const channel = rig.connect(lcu);
  lcu.append(sampleNow(rig));
  await rig.time.advance(1000);
  channel.close('gone');
  await rig.time.advance(silentMs);
  rig.tick();
  rig.time.step(-HOUR_MS);
  return lcu;
}

for (const [what, silentMs, laterMs] of [
  ['has caught up', 1000, HOUR_MS + 2 * MINUTE_MS],
  ['went back by as much as it is old', HOUR_MS + MINUTE_MS, 1000],
] as const) {
  test(`6.4: a value of an LCU that is silent ever since is stale for ever, also when the clock ${what}`, async (t) => {
    const rig = await openRig(t);
    const lcu = await goneBefore(rig, silentMs);
    rig.tick();
    await rig.time.advance(laterMs);
    t.deepEqual(shown(rig), [[newest(lcu), undefined, true]]);
    lcu.append(sampleNow(rig));
    rig.connect(lcu);
    await rig.time.advance(1000);
    t.deepEqual(shown(rig), [[newest(lcu), 1000, false]]);
  });
}

test('6.4: a clock that goes back while the collector is stopped is noticed at its start', async (t) => {
  const folders = { ledger: temporaryFolder(t), state: temporaryFolder(t) };
  const before = await openRig(t, folders);
  const lcu = await goneBefore(before, 1000);
  await before.close();
  const rig = await openRig(t, { ...folders, time: before.time });
  await rig.time.advance(HOUR_MS + 2 * MINUTE_MS);
  t.deepEqual(shown(rig), [[newest(lcu), undefined, true]]);
  await rig.close();
  const again = await openRig(t, { ...folders, time: rig.time });
  t.deepEqual(shown(again), [[newest(lcu), undefined, true]]);
});

test('6.4: an answer that is stored after the step and was received before it has no age either', async (t) => {
  const rig = await openRig(t);
  const lcu = rig.simulate(ID, 2);
  rig.enrol(ID, testSigner(2));
  const channel = rig.connect(lcu);
  lcu.append(sampleNow(rig));
  await rig.time.advance(20);
  t.is(rig.stored({ lcuNo: 0 }).length, 0);
  channel.close('gone');
  rig.time.step(-HOUR_MS);
  rig.tick();
  await rig.time.advance(1000);
  rig.tick();
  await rig.time.advance(HOUR_MS + 2 * MINUTE_MS);
  t.deepEqual(shown(rig), [[newest(lcu), undefined, true]]);
});

test('6.4: what NTP does in steps of a second takes no age away', async (t) => {
  const rig = await openRig(t);
  const lcu = await goneBefore(rig, 1000);
  rig.time.step(HOUR_MS - 1000);
  t.deepEqual(shown(rig), [[newest(lcu), 1000, false]]);
  t.deepEqual(
    rig.log.filter(({ level }) => level === 'warn'),
    [],
  );
});

test('6.4: a step back is told once, with how far', async (t) => {
  const rig = await openRig(t);
  await goneBefore(rig, 1000);
  for (let i = 0; i < 3; i++) rig.tick();
  t.deepEqual(
    rig.log.filter(({ level }) => level === 'warn').map(({ fields }) => fields),
    [{ backMs: HOUR_MS, values: 1 }],
  );
});

test('6.4: a rebuild of what is derived keeps in mind which values have no age', async (t) => {
  const folders = { ledger: temporaryFolder(t), state: temporaryFolder(t) };
  const rig = await openRig(t, folders);
  const lcu = await goneBefore(rig, 1000);
  rig.tick();
  await rig.time.advance(HOUR_MS + 2 * MINUTE_MS);
  const rebuilding = sqliteDerivedPart(join(folders.state, 'state.db')).rebuild(rig.ledger);
  while (!(await rebuilding.next()).done);
  rebuildDerived({ ledger: rig.ledger, derived: rig.state.derived });
  t.deepEqual(shown(rig), [[newest(lcu), undefined, true]]);
});

test('6.4: a last contact of before the clock went back is known as that', async (t) => {
  const rig = await openRig(t);
  const lcu = await goneBefore(rig, 1000);
  const known = (): boolean => rig.state.ageLosses.isContactLost(0, rig.contact({ lcuNo: 0 } as Lcu)?.lastGoodAtMs ?? null);
  t.false(known());
  rig.tick();
  await rig.time.advance(2 * HOUR_MS);
  t.true(known());
  rig.connect(lcu);
  await rig.time.advance(1000);
  t.false(known());
});
