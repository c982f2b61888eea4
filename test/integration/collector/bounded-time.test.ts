import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { Clocked, readings } from '../../fakes/clocked-lcu.js';
import { type CollectorRig, openRig } from '../../fakes/collector-rig.js';
import { runs } from '../../unit/shared/runs.js';

const MINUTE_MS = 60_000;
/** Of a clock that was never set. */
const IN_1970 = -Date.UTC(2026, 10, 22, 18);

/** Each reading that nothing dates, oldest first: how many minutes ago at the earliest, in truth, and at the latest. */
function bounded(rig: CollectorRig, { taken }: Clocked): (number | null)[][] {
  const { wallMs } = rig.time.now();
  const ago = (ms: number | null): number | null => (ms === null ? null : Math.round((wallMs - ms) / MINUTE_MS));
  return readings(rig)
    .filter(({ dating }) => dating === 'unknown')
    .map(({ epoch, n, notBeforeMs, notAfterMs }) => [ago(notBeforeMs), ago(taken.get(`${epoch} ${n}`) ?? null), ago(notAfterMs)])
    .sort((a, b) => Number(b[1]) - Number(a[1]));
}

/** An LCU that was in contact, was cut off, and has come up again without any clock ten minutes after it lost power. */
async function withoutClock(t: ExecutionContext, aheadMs = IN_1970, quality: 'none' | 'rtc' = 'none') {
  const rig = await openRig(t);
  const clocked = new Clocked(rig);
  const channel = rig.connect(clocked.lcu);
  await rig.time.advance(1000);
  channel.close('gone');
  await clocked.run(2);
  await rig.time.advance(10 * MINUTE_MS);
  clocked.reboot(aheadMs, quality);
  await clocked.run(3);
  return { rig, clocked };
}

test('a boot without any time and without contact lies between the boots around it, each sample as far in as it ran', async (t) => {
  const { rig, clocked } = await withoutClock(t);
  await rig.time.advance(20 * MINUTE_MS);
  clocked.reboot(0, 'synchronised');
  await clocked.run(1);
  clocked.connect();
  await rig.time.advance(2000);
  t.deepEqual(bounded(rig, clocked), [
    [33, 23, 3],
    [32, 22, 2],
    [31, 21, 1],
  ]);
  for (const { takenAtMs, notBeforeMs, notAfterMs } of readings(rig)) {
    if (notAfterMs !== null) t.true(takenAtMs >= (notBeforeMs ?? 0) && takenAtMs <= notAfterMs);
  }
});

test('several such boots in a row are bounded by what is dated before and behind all of them', async (t) => {
  const { rig, clocked } = await withoutClock(t);
  await rig.time.advance(20 * MINUTE_MS);
  clocked.reboot(IN_1970, 'none');
  await clocked.run(2);
  await rig.time.advance(5 * MINUTE_MS);
  clocked.reboot(0, 'synchronised');
  clocked.connect();
  await rig.time.advance(2000);
  const [first, , , fourth] = bounded(rig, clocked);
  t.deepEqual(first, [39, 29, 4], 'two minutes of the second boot lie behind it, and the rest of its own');
  t.deepEqual(fourth, [36, 6, 1], 'three minutes of the first boot lie before it');
});

test('an agent that restarted within the boot is of the same boot', async (t) => {
  const { rig, clocked } = await withoutClock(t);
  await rig.time.advance(MINUTE_MS);
  clocked.lcu.beginEpoch();
  await clocked.run(1);
  await rig.time.advance(20 * MINUTE_MS);
  clocked.reboot(0, 'synchronised');
  clocked.connect();
  await rig.time.advance(2000);
  t.deepEqual(bounded(rig, clocked).at(-1), [30, 20, 0]);
  t.deepEqual(bounded(rig, clocked)[0], [34, 24, 4]);
});

test('before is a clock that was set, where there was no contact; the very first boot has a receipt alone', async (t) => {
  const rig = await openRig(t);
  const clocked = new Clocked(rig, IN_1970, 'none');
  await clocked.run(1);
  clocked.reboot(0, 'synchronised');
  await clocked.run(2);
  await rig.time.advance(10 * MINUTE_MS);
  clocked.reboot(IN_1970, 'none');
  await clocked.run(1);
  await rig.time.advance(10 * MINUTE_MS);
  clocked.reboot(0, 'synchronised');
  clocked.connect();
  await rig.time.advance(2000);
  t.deepEqual(bounded(rig, clocked), [
    [null, 23, 23],
    [20, 10, 0],
  ]);
});

test('a clock that was set and lies before the last contact is not believed', async (t) => {
  const { rig, clocked } = await withoutClock(t, Date.UTC(2001, 0, 1) - Date.UTC(2026, 10, 22, 18), 'rtc');
  clocked.reboot(0, 'synchronised');
  clocked.connect();
  await rig.time.advance(2000);
  t.is(bounded(rig, clocked).length, 3);
  const right = await withoutClock(t, 0, 'rtc');
  right.clocked.reboot(0, 'synchronised');
  right.clocked.connect();
  await right.rig.time.advance(2000);
  t.deepEqual(bounded(right.rig, right.clocked), []);
});

test('what is not dated is bounded by its receipt where the epochs behind it are not here', async (t) => {
  const { rig, clocked } = await withoutClock(t);
  await rig.time.advance(20 * MINUTE_MS);
  clocked.reboot(IN_1970, 'none');
  clocked.lcu.epochs.pop();
  const channel = rig.connect(clocked.lcu);
  await rig.time.advance(2000);
  channel.close('gone');
  t.is(bounded(rig, clocked).length, 3);
  for (const [before, truth, after] of bounded(rig, clocked)) t.true(Number(before) >= Number(truth) && Number(after) === 0);
});

/** One boot: whether it has a clock, whether it is in contact at its end, how long it runs and is off afterwards. */
const boots = fc.array(
  fc.record(
    {
      clock: fc.boolean(),
      contact: fc.boolean(),
      minutes: fc.integer({ min: 1, max: 4 }),
      offMinutes: fc.nat(30),
      again: fc.boolean(),
    },
    { noNullPrototype: true },
  ),
  { minLength: 2, maxLength: 7 },
);

test('whatever boots an LCU goes through: the true time of each reading lies within its bounds', async (t) => {
  let unknown = 0;
  await fc.assert(
    fc.asyncProperty(boots, async (list) => {
      const rig = await openRig(t);
      const clocked = new Clocked(rig, IN_1970, 'none');
      for (const { clock, contact, minutes, offMinutes, again } of list) {
        clocked.reboot(clock ? 0 : IN_1970, clock ? 'synchronised' : 'none');
        if (again) clocked.lcu.beginEpoch();
        await clocked.run(minutes);
        if (contact) {
          const channel = rig.connect(clocked.lcu);
          await rig.time.advance(2000);
          channel.close('gone');
        }
        await rig.time.advance(offMinutes * MINUTE_MS);
      }
      clocked.reboot(0, 'synchronised');
      clocked.connect();
      await rig.time.advance(2000);
      const found = readings(rig);
      t.is(found.length, clocked.taken.size);
      for (const { epoch, n, dating, takenAtMs, notBeforeMs, notAfterMs } of found) {
        const truth = clocked.taken.get(`${epoch} ${n}`) ?? 0;
        if (dating !== 'unknown') {
          t.true(Math.abs(takenAtMs - truth) <= 2000);
          continue;
        }
        unknown++;
        t.true((notBeforeMs ?? 0) <= truth && truth <= (notAfterMs ?? 0), `${notBeforeMs} ${truth} ${notAfterMs}`);
        t.true((notBeforeMs ?? 0) <= takenAtMs && takenAtMs <= (notAfterMs ?? 0));
      }
      await rig.close();
    }),
    runs(25),
  );
  t.true(unknown > 0);
});
