import test from 'ava';
import { toHex } from '@farola/shared';
import { describeEvent } from '@farola/collector/api/describe-event.js';
import { GROUP_DELAY_MS } from '@farola/collector/ledger/group-commit.js';
import { Clocked, dated, latest, readings } from '../../fakes/clocked-lcu.js';
import { openRig, ROUND_MS } from '../../fakes/collector-rig.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

for (const [ageMs, live] of [
  [300_000, true],
  [300_001, false],
] as const) {
  test(`D28: a sample of ${ageMs} ms is ${live ? 'live' : 'late: stored, and never the latest'}`, async (t) => {
    const rig = await openRig(t);
    const clocked = new Clocked(rig);
    await clocked.run(1);
    await rig.time.advance(ageMs);
    clocked.connect();
    await rig.time.advance(1000);
    t.is(latest(rig), live ? 2 : undefined);
    t.is(readings(rig).length, 1);
  });
}

for (const [what, aheadMs] of [
  ['10 minutes ahead', 10 * MINUTE_MS],
  ['a day ahead', DAY_MS],
  ['in 2106', Date.UTC(2106, 1, 7, 6, 28, 16) - Date.UTC(2026, 10, 22, 18)],
  ['in 1970', -Date.UTC(2026, 10, 22, 18)],
  ['a leap of a day behind', -DAY_MS],
] as const) {
  for (const quality of ['synchronised', 'none'] as const) {
    test(`D29, D30: a clock that says it is ${quality} and is ${what} changes neither what is live nor its age`, async (t) => {
      const rig = await openRig(t);
      const clocked = new Clocked(rig, aheadMs, quality);
      clocked.connect();
      await clocked.run(6);
      await rig.time.advance(ROUND_MS);
      t.is(latest(rig), 7);
      const age = ROUND_MS / MINUTE_MS;
      t.deepEqual(
        dated(rig),
        Array.from({ length: 6 }, (_, i) => `${age + i} min age`),
      );
    });
  }
}

for (const quality of ['held', 'rtc'] as const) {
  test(`a clock that is ${quality} and right dates its samples`, async (t) => {
    const rig = await openRig(t);
    const clocked = new Clocked(rig, 2000, quality);
    clocked.connect();
    await clocked.run(2);
    await rig.time.advance(ROUND_MS);
    t.deepEqual(dated(rig), ['5 min lcu-clock', '6 min lcu-clock']);
  });
}

for (const [what, aheadMs] of [
  ['an hour back', -60 * MINUTE_MS],
  ['a leap of a day back', -DAY_MS],
  ['a leap of a day ahead', DAY_MS],
] as const) {
  test(`${what} in the middle of a batch: order, age and latest stay right, and the step is an entry`, async (t) => {
    const rig = await openRig(t);
    const clocked = new Clocked(rig);
    await clocked.run(2);
    clocked.set(aheadMs, 'synchronised');
    await clocked.run(2);
    clocked.connect();
    await rig.time.advance(1000);
    t.deepEqual(dated(rig), ['0 min age', '1 min age', '2 min lcu-clock', '3 min lcu-clock']);
    t.is(latest(rig), 6);
    t.deepEqual(
      readings(rig).map(({ n }) => n),
      [2, 3, 5, 6],
    );
  });

  test(`${what} while samples are live: the next ones are live, and of their age`, async (t) => {
    const rig = await openRig(t);
    const clocked = new Clocked(rig);
    clocked.connect();
    await clocked.run(3);
    await rig.time.advance(ROUND_MS);
    clocked.set(aheadMs, 'synchronised');
    await clocked.run(3);
    await rig.time.advance(ROUND_MS);
    t.is(latest(rig), 8);
    t.deepEqual(dated(rig), ['5 min age', '6 min age', '7 min age', '13 min lcu-clock', '14 min lcu-clock', '15 min lcu-clock']);
  });
}

test('an epoch whose clock came late is dated by it, also when it is delivered after the next boot', async (t) => {
  const rig = await openRig(t);
  const clocked = new Clocked(rig, -Date.UTC(2026, 10, 22, 18), 'none');
  await clocked.run(3);
  clocked.set(0, 'synchronised');
  await clocked.run(1);
  clocked.reboot(0, 'synchronised');
  clocked.connect();
  await rig.time.advance(2000);
  t.deepEqual(dated(rig), ['0 min lcu-clock', '1 min later-clock', '2 min later-clock', '3 min later-clock']);
  t.is(latest(rig), undefined, 'what was taken in another boot has no age that anyone signed');
});

test('a boot without any time is dated by a contact in it, even for what is delivered after the next boot', async (t) => {
  const rig = await openRig(t);
  const clocked = new Clocked(rig, -Date.UTC(2026, 10, 22, 18), 'none');
  const channel = rig.connect(clocked.lcu);
  await rig.time.advance(1000);
  channel.close('gone');
  await clocked.run(3);
  clocked.reboot(0, 'synchronised');
  clocked.connect();
  await rig.time.advance(2000);
  t.deepEqual(dated(rig), ['0 min age', '1 min age', '2 min age']);
});

test('a late event is told once, marked late with its age; a live one at once', async (t) => {
  const rig = await openRig(t);
  const clocked = new Clocked(rig);
  clocked.event('stop');
  await rig.time.advance(20 * MINUTE_MS);
  clocked.event('ack-disagrees');
  clocked.connect();
  await rig.time.advance(2000);
  clocked.connect();
  await rig.time.advance(2 * ROUND_MS);
  rig.writer.flush();
  const told = rig.told.map(describeEvent).map(({ code, late, ageMs }) => [code, late, ageMs]);
  t.deepEqual(told, [
    ['stop', true, 20 * MINUTE_MS],
    ['ack-disagrees', false, 0],
  ]);
  t.deepEqual(
    rig.state.derived.events(0).map(({ epoch, n }) => `${toHex(epoch)} ${n}`),
    rig.told.map(({ epoch, n }) => `${toHex(epoch)} ${n}`),
  );
});

test('an event of a boot before is late, with the age that its clock tells', async (t) => {
  const rig = await openRig(t);
  const clocked = new Clocked(rig);
  clocked.event('stop');
  await rig.time.advance(MINUTE_MS);
  clocked.reboot(0, 'synchronised');
  clocked.connect();
  await rig.time.advance(2000);
  rig.writer.flush();
  const told = rig.told.map(describeEvent).map(({ code, late, ageMs }) => [code, late, ageMs]);
  t.deepEqual(told, [['stop', true, MINUTE_MS + GROUP_DELAY_MS]]);
});
