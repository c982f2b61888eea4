import test from 'ava';
import { type ClockQuality, type EventCode, type Instant, toHex } from '@farola/shared';
import { describeEvent } from '@farola/collector/api/describe-event.js';
import { readingsBetween } from '@farola/collector/api/query-readings.js';
import { GROUP_DELAY_MS } from '@farola/collector/ledger/group-commit.js';
import type { Reading } from '@farola/collector/api/reading.js';
import { bootOf, SimulatedLcu } from '#scripts/simulated-lcu.js';
import { type CollectorRig, openRig, ROUND_MS } from '../../fakes/collector-rig.js';
import { seededRandom } from '../../fakes/seeded-random.js';
import { analyser } from '../../fakes/test-chain.js';
import { testSigner } from '../../fakes/test-signer.js';

const ID = 'malaga-0042';
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** An LCU whose wall clock a test sets; its monotonic clock runs with the collector's, from 0 at each boot. */
class Clocked {
  readonly rig: CollectorRig;
  readonly lcu: SimulatedLcu;
  /** What its wall clock is ahead of the true time, ms. */
  aheadMs: number;
  quality: ClockQuality;
  readonly #options = {
    lcuId: ID,
    signer: testSigner(2),
    random: seededRandom('clocked'),
    boot: bootOf('b0'),
    now: () => this.now(),
    analysers: [analyser(0, 'main')],
  };
  #bootedMs: number;

  constructor(rig: CollectorRig, aheadMs = 0, quality: ClockQuality = 'synchronised') {
    this.rig = rig;
    this.aheadMs = aheadMs;
    this.quality = quality;
    this.#bootedMs = rig.time.now().monoMs;
    this.lcu = new SimulatedLcu(this.#options);
    rig.enrol(ID, testSigner(2));
  }

  now(): Instant {
    const { monoMs, wallMs } = this.rig.time.now();
    return { monoMs: monoMs - this.#bootedMs, wallMs: Math.max(0, wallMs + this.aheadMs), quality: this.quality };
  }

  /** Takes a sample each minute, the first in a minute. */
  async run(minutes: number): Promise<void> {
    for (let i = 0; i < minutes; i++) {
      await this.rig.time.advance(MINUTE_MS);
      this.lcu.append({ kind: 'sample', at: this.now(), analyser: 0, spanMs: 1, status: 'complete', values: [1] });
    }
  }

  event(code: EventCode): void {
    this.lcu.append({ kind: 'event', at: this.now(), code, facts: [] });
  }

  /** Changes the wall clock and records it, as the agent does. */
  set(aheadMs: number, quality: ClockQuality): void {
    const before = this.now();
    this.aheadMs = aheadMs;
    this.quality = quality;
    this.lcu.append({ kind: 'clock', at: this.now(), before });
  }

  /** After a power cut: another boot, another epoch, the journal as it was. */
  reboot(aheadMs: number, quality: ClockQuality): void {
    this.#options.boot = bootOf('b1');
    this.#bootedMs = this.rig.time.now().monoMs;
    this.aheadMs = aheadMs;
    this.quality = quality;
    this.lcu.beginEpoch();
  }

  connect(): void {
    this.rig.connect(this.lcu);
  }
}

function readings({ state, ledger, fleet, writer }: CollectorRig): Reading[] {
  writer.flush();
  const lcu = fleet.find(ID);
  if (!lcu) throw new Error('no LCU');
  return [
    ...readingsBetween(
      { ledger, derived: state.derived, countsAt: () => true },
      { lcu },
      { fromMs: 0, toMs: 8e15, untilMs: 8e15 },
    ),
  ];
}

/** How many minutes ago each reading was taken, and what that rests on. */
function dated(rig: CollectorRig): string[] {
  const { wallMs } = rig.time.now();
  return readings(rig)
    .sort((a, b) => b.takenAtMs - a.takenAtMs)
    .map(({ takenAtMs, dating }) => `${Math.round((wallMs - takenAtMs) / MINUTE_MS)} min ${dating}`);
}

/** The number of the latest sample. */
function latest(rig: CollectorRig): number | undefined {
  rig.writer.flush();
  return rig.state.derived.latest(0)[0]?.n;
}

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

test('an hour back in the middle of a batch: order, age and latest stay right, and the step is an entry', async (t) => {
  const rig = await openRig(t);
  const clocked = new Clocked(rig);
  await clocked.run(2);
  clocked.set(-60 * MINUTE_MS, 'synchronised');
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

test('a boot without any time and without contact is shown for what it is', async (t) => {
  const rig = await openRig(t);
  const clocked = new Clocked(rig, -Date.UTC(2026, 10, 22, 18), 'none');
  await clocked.run(2);
  clocked.reboot(0, 'synchronised');
  clocked.connect();
  await rig.time.advance(2000);
  t.deepEqual(
    readings(rig).map(({ dating }) => dating),
    ['unknown', 'unknown'],
  );
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
