import test from 'ava';
import { keepWatch, type ServiceManager, type ServiceState } from '@farola/shared';
import { SAMPLER_STILL_MS, tellLink, watchAgent } from '@farola/agent/main/service-watch.js';
import { watchCollector } from '@farola/collector/main/service-watch.js';
import { FakeTime } from '../../fakes/fake-time.js';

/** A manager that keeps what it is told. */
function keptManager(watchdogMs?: number): ServiceManager & { readonly states: ServiceState[] } {
  const states: ServiceState[] = [];
  return { watchdogMs, states, tell: (state) => void states.push(state), told: () => Promise.resolve() };
}

const alive = ({ states }: { readonly states: readonly ServiceState[] }): number => states.filter((one) => one.alive).length;
const quiet = { info: () => undefined, warn: () => undefined };

test('the manager hears four times in the time of its watchdog that every loop gets on', async (t) => {
  const [time, manager, stop] = [new FakeTime(), keptManager(60_000), new AbortController()];
  let turns = 0;
  const loops = [{ name: 'one', progress: () => turns++, stillMs: 1_000 }];
  const ended = keepWatch(
    { manager, loops, status: () => `${turns}`, stuck: () => t.fail(), clock: time, timers: time },
    stop.signal,
  );
  await time.advance(60_000);
  t.is(alive(manager), 4);
  t.is(manager.states.length, 4);
  stop.abort();
  await ended;
  t.is(time.pending, 0);
});

test('one loop that stands still keeps the manager from hearing, and is told of once until it goes on', async (t) => {
  const [time, manager, stop] = [new FakeTime(), keptManager(40_000), new AbortController()];
  const stuck: string[] = [];
  let turns = 0;
  const loops = [
    { name: 'good', progress: () => turns++, stillMs: 5_000 },
    { name: 'bad', progress: () => Math.min(turns, 3), stillMs: 15_000 },
  ];
  const tell = (loop: string, stillMs: number): void => void stuck.push(`${loop} ${stillMs}`);
  void keepWatch({ manager, loops, status: () => '', stuck: tell, clock: time, timers: time }, stop.signal);
  await time.advance(100_000);
  t.deepEqual(stuck, ['bad 20000']);
  t.is(alive(manager), 3, 'until it has stood still for longer than it may');
  stop.abort();
});

test('without a watchdog the status is told each minute', async (t) => {
  const [time, manager, stop] = [new FakeTime(), keptManager(), new AbortController()];
  void keepWatch({ manager, loops: [], status: () => 'well', stuck: () => t.fail(), clock: time, timers: time }, stop.signal);
  await time.advance(120_000);
  t.deepEqual(manager.states, [
    { alive: true, status: 'well' },
    { alive: true, status: 'well' },
  ]);
  stop.abort();
});

const STATUS = {
  lcuId: 'malaga-0042',
  link: { state: 'waiting', sinceMs: 0, reason: 'pin-mismatch', lastAnswerMs: null },
  samples: { taken: 3, lost: 0, waiting: 2, lastMs: 0 },
  meter: { lines: [], analysers: [] },
  journal: { backlog: 7, bytes: 0 },
} as unknown as Parameters<typeof watchAgent>[0]['status'] extends () => infer Status ? Status : never;

test('an agent whose sampler hangs is let die, one that reads a slow line is not', async (t) => {
  for (const reads of [true, false]) {
    const [time, manager, stop] = [new FakeTime(), keptManager(180_000), new AbortController()];
    const codes: string[] = [];
    const counters = { requests: 0, opened: 0 };
    const lines = [{ id: 'line-1', counters: counters as never, units: new Map() }];
    const log = { ...quiet, fail: (code: string) => void codes.push(code) };
    void watchAgent({ manager, steps: () => 1, lines, status: () => STATUS, clock: time, timers: time, log }, stop.signal);
    for (let minute = 0; minute < 5; minute++) {
      if (reads) counters.requests++;
      await time.advance(60_000);
    }
    t.deepEqual(codes, reads ? [] : ['loop-stuck']);
    t.is(alive(manager), reads ? 6 : Math.floor(SAMPLER_STILL_MS / 45_000));
    t.is(
      manager.states[0]?.status,
      'malaga-0042: waiting (pin-mismatch); 3 samples, 2 wait for the disk; 7 entries not acknowledged',
    );
    stop.abort();
  }
});

test('an agent that gets on on one line only is let die, too', async (t) => {
  const [time, manager, stop] = [new FakeTime(), keptManager(180_000), new AbortController()];
  const stuck: unknown[] = [];
  const lines = ['good', 'bad'].map((id) => ({ id, counters: { requests: 0, opened: 0 } as never, units: new Map() }));
  const log = { ...quiet, fail: (_: string, facts: object) => void stuck.push((facts as { loop: string }).loop) };
  let looks = 0;
  const steps = (line: number): number => (line === 0 ? looks++ : 7);
  void watchAgent({ manager, steps, lines, status: () => STATUS, clock: time, timers: time, log }, stop.signal);
  await time.advance(300_000);
  t.deepEqual(stuck, ['sampler of bad']);
  stop.abort();
});

test('systemd hears at once when the link comes or goes, and not of each attempt', (t) => {
  const manager = keptManager(180_000);
  let link: { state: string; reason: string | null } = { state: 'dialling', reason: null };
  const tell = tellLink(manager, () => ({ ...STATUS, link }) as typeof STATUS);
  for (const [state, reason] of [
    ['dialling', null],
    ['connected', null],
    ['connected', null],
    ['waiting', 'collector-unreachable'],
    ['dialling', 'collector-unreachable'],
    ['waiting', 'collector-unreachable'],
    ['waiting', 'lcu-revoked'],
    ['connected', 'lcu-revoked'],
  ] as const) {
    link = { state, reason };
    tell();
  }
  const heard = manager.states.map(({ status }) => /: (.*?);/.exec(status ?? '')?.[1]);
  t.deepEqual(heard, ['connected', 'waiting (collector-unreachable)', 'waiting (lcu-revoked)', 'connected']);
});

test('a collector that polls nobody though LCUs are connected is let die, one without LCUs is not', async (t) => {
  for (const connected of [0, 1]) {
    const [time, manager, stop] = [new FakeTime(), keptManager(120_000), new AbortController()];
    const codes: unknown[] = [];
    let turns = 0;
    const log = { ...quiet, error: (fields: object) => void codes.push((fields as { loop: string }).loop) };
    const polls = { counts: { connected, rounds: 5, roundsFailed: 0 } };
    const config = { pollSeconds: 300, deadlineMs: 10_000 };
    void watchCollector({ manager, polls, chores: () => turns++, config, clock: time, timers: time, log }, stop.signal);
    await time.advance(1_800_000);
    t.deepEqual(codes, connected ? ['poll loop'] : []);
    t.is(alive(manager), connected ? 30 : 60);
    stop.abort();
  }
});
