import test from 'ava';
import fc from 'fast-check';
import { RoundSchedule } from '@farola/collector/poll/round-schedule.js';
import { FakeTime } from '../../fakes/fake-time.js';

const ROUND_MS = 1000;

interface Member {
  readonly name: string;
  readonly offsetMs: number;
}

interface Call {
  readonly name: string;
  readonly atMs: number;
  readonly dueMs: number;
}

function opened(
  time = new FakeTime(5_000_000),
  roundMs = ROUND_MS,
): { time: FakeTime; calls: Call[]; schedule: RoundSchedule<Member> } {
  const calls: Call[] = [];
  const due = ({ name }: Member, dueMs: number): void => void calls.push({ name, dueMs, atMs: time.now().monoMs });
  return { time, calls, schedule: new RoundSchedule({ clock: time, timers: time, roundMs, due }) };
}

const namesIn = (calls: readonly Call[]): string[] => calls.map(({ name }) => name);
const namesOf = (calls: readonly Call[]): string => namesIn(calls).join('');

test('each member is called at its place in every round, by one timer', async (t) => {
  const { time, calls, schedule } = opened();
  for (const [name, offsetMs] of [
    ['c', 900],
    ['a', 100],
    ['b', 500],
  ] as const)
    schedule.add({ name, offsetMs });
  t.is(time.pending, 1);
  await time.advance(2 * ROUND_MS);
  t.is(namesOf(calls), 'abcabc');
  t.deepEqual(
    calls.map(({ dueMs }) => dueMs - 1_000_000),
    [100, 500, 900, 1100, 1500, 1900],
  );
});

test('members that share a place are called together, and one that goes meanwhile misses nobody else', async (t) => {
  const { time, calls, schedule } = opened();
  const [a, b, c] = ['a', 'b', 'c'].map((name) => ({ name, offsetMs: 300 })) as [Member, Member, Member];
  for (const member of [a, b, c]) schedule.add(member);
  await time.advance(400);
  schedule.delete(b);
  schedule.delete(b);
  await time.advance(ROUND_MS);
  t.is(namesOf(calls), 'abcac');
  schedule.delete(a);
  schedule.delete(c);
  t.is(time.pending, 0);
});

test('whatever comes and goes, each is called at each of its places and at no other', async (t) => {
  const step = fc.record({ add: fc.boolean(), who: fc.nat(9), offsetMs: fc.nat(ROUND_MS - 1), advanceMs: fc.nat(2500) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const { time, calls, schedule } = opened();
      const present = new Map<number, { member: Member; sinceMs: number }>();
      const expected: string[] = [];
      const leave = (who: number): void => {
        const one = present.get(who);
        if (!one) return;
        const { member, sinceMs } = one;
        const { wallMs } = time.now();
        for (let at = Math.floor(sinceMs / ROUND_MS) * ROUND_MS + member.offsetMs; at <= wallMs; at += ROUND_MS) {
          if (at > sinceMs) expected.push(`${member.name}@${at - 4_000_000}`);
        }
        schedule.delete(member);
        present.delete(who);
      };
      for (const { add, who, offsetMs, advanceMs } of steps) {
        if (!add) leave(who);
        else if (!present.has(who)) {
          const member = { name: String(who), offsetMs };
          present.set(who, { member, sinceMs: time.now().wallMs });
          schedule.add(member);
        }
        await time.advance(advanceMs);
      }
      for (const who of [...present.keys()]) leave(who);
      t.deepEqual(calls.map(({ name, atMs }) => `${name}@${atMs}`).toSorted(), expected.toSorted());
      t.true(calls.every(({ atMs, dueMs }) => atMs === dueMs));
    }),
    { numRuns: 200 },
  );
});

test('a loop that stood still calls all whose places passed, with how late they are', async (t) => {
  const time = new FakeTime(5_000_000);
  const armed: (() => void)[] = [];
  const calls: [string, number][] = [];
  const schedule = new RoundSchedule<Member>({
    clock: time,
    timers: {
      after(_, run) {
        armed.push(run);
        return { cancel: () => undefined };
      },
    },
    roundMs: ROUND_MS,
    due: ({ name }, dueMs) => void calls.push([name, dueMs - 1_000_000]),
  });
  for (const [name, offsetMs] of [
    ['a', 100],
    ['b', 500],
    ['c', 900],
  ] as const) {
    schedule.add({ name, offsetMs });
  }
  await time.advance(700);
  armed.at(-1)?.();
  t.deepEqual(calls, [
    ['a', 100],
    ['b', 500],
  ]);
});

test('when the wall clock goes back nobody waits longer than a round, and places go by the new time', async (t) => {
  const { time, calls, schedule } = opened();
  schedule.add({ name: 'a', offsetMs: 400 });
  time.step(-300_100);
  await time.advance(400);
  t.is(namesOf(calls), 'a');
  await time.advance(100);
  t.is(namesOf(calls), 'aa', 'the new time stands at 400 now');
  await time.advance(ROUND_MS);
  t.is(namesOf(calls), 'aaa');
});

test('when the wall clock leaps, who is waited for is called, and then all at their places by the new time', async (t) => {
  const { time, calls, schedule } = opened();
  schedule.add({ name: 'a', offsetMs: 400 });
  schedule.add({ name: 'b', offsetMs: 600 });
  time.step(86_400_000 + 300);
  await time.advance(2 * ROUND_MS);
  t.deepEqual(
    calls.map(({ name, atMs }) => `${name}${atMs - 1_000_000}`),
    ['a400', 'a1100', 'b1300'],
  );
});

test('a leap within a round calls nobody for the places that it passed over', async (t) => {
  const { time, calls, schedule } = opened(new FakeTime(600_000_000), 300_000);
  for (let i = 0; i < 100; i++) schedule.add({ name: String(i), offsetMs: i * 3000 });
  await time.advance(1);
  time.step(240_000);
  await time.advance(3000);
  t.true(calls.length <= 2, `${calls.length} were called`);
  await time.advance(2 * 300_000);
  t.is(new Set(namesIn(calls)).size, 100);
});

for (const stepMs of [-3_600_000, 3_600_000, -86_400_000]) {
  test(`after a step of ${stepMs} ms members may come and go, and each is called in every round`, async (t) => {
    const { time, calls, schedule } = opened();
    const [a, b, c] = [100, 500, 900].map((offsetMs) => ({ name: String(offsetMs), offsetMs })) as [Member, Member, Member];
    for (const member of [a, b, c]) schedule.add(member);
    time.step(stepMs);
    schedule.delete(a);
    await time.advance(3 * ROUND_MS);
    t.deepEqual(namesIn(calls), ['500', '900', '500', '900', '500', '900']);
    time.step(stepMs);
    schedule.add(a);
    calls.length = 0;
    await time.advance(2 * ROUND_MS);
    t.deepEqual(namesIn(calls), ['100', '500', '900', '100', '500', '900']);
  });
}
