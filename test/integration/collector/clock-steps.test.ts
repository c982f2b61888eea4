import test from 'ava';
import { type SampleEntry, toHex } from '@farola/shared';
import { rebuildDerived } from '@farola/collector/fleet/rebuild-derived.js';
import type { SqliteState } from '@farola/collector/fleet/sqlite-state.js';
import type { SimulatedLcu } from '#scripts/simulated-lcu.js';
import { type CollectorRig, openRig } from '../../fakes/collector-rig.js';
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
