import type { Channel, DialTarget } from '@farola/collector/link/channel.js';
import { keepDialled } from '@farola/collector/link/keep-dialled.js';
import { type ErrorCode, FarolaError } from '@farola/shared';
import test, { type ExecutionContext } from 'ava';
import { FakeTime, settle } from '../../fakes/fake-time.js';
import { MemoryChannel } from '../../fakes/memory-channel.js';

const TARGET: DialTarget = { lcuId: 'malaga-0042', host: '10.8.0.42', port: 10_022 };

function started(t: ExecutionContext, dial: (number: number) => Channel | FarolaError) {
  const time = new FakeTime();
  const ending = new AbortController();
  const failures: ErrorCode[] = [];
  const accepted: [Channel, DialTarget][] = [];
  let dials = 0;
  const running = keepDialled(
    [TARGET],
    {
      dial: async (_target, opened) => {
        const outcome = dial(++dials);
        if (outcome instanceof FarolaError) throw outcome;
        opened(outcome);
      },
      timers: time,
      random: { bytes: (length) => new Uint8Array(length).fill(255) },
      accept: (channel, target) => void accepted.push([channel, target]),
      failed: ({ code }) => void failures.push(code),
    },
    ending.signal,
  );
  t.teardown(() => ending.abort());
  return { time, ending, running, failures, accepted, dials: () => dials };
}

const unreachable = (): FarolaError => new FarolaError('lcu-unreachable', { lcu: 'malaga-0042', address: 'x', reason: 'y' });

test('an LCU is dialled after a first wait and handed over with its name', async (t) => {
  const channel = new MemoryChannel();
  const dialling = started(t, () => channel);
  await dialling.time.advance(999);
  t.is(dialling.dials(), 0);
  await dialling.time.advance(1);
  t.deepEqual(dialling.accepted, [[channel, TARGET]]);
  await dialling.time.advance(3_600_000);
  t.is(dialling.dials(), 1);
});

test('one that cannot be reached is dialled again, each time up to twice as late, and told', async (t) => {
  const dialling = started(t, unreachable);
  for (const wait of [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]) {
    const before = dialling.dials();
    await dialling.time.advance(wait - 1);
    t.is(dialling.dials(), before);
    await dialling.time.advance(1);
    t.is(dialling.dials(), before + 1);
  }
  t.deepEqual(new Set(dialling.failures), new Set<ErrorCode>(['lcu-unreachable']));
});

test('after a connection that lasted the waits begin anew; after a short one they go on', async (t) => {
  const channels = [new MemoryChannel(), new MemoryChannel(), new MemoryChannel()];
  const dialling = started(t, (number) => channels[number - 1] ?? unreachable());
  await dialling.time.advance(1_000);
  channels[0]?.close('gone');
  await settle();
  await dialling.time.advance(1_999);
  t.is(dialling.dials(), 1);
  await dialling.time.advance(1);
  t.is(dialling.dials(), 2);
  await dialling.time.advance(30_000);
  channels[1]?.close('gone');
  await settle();
  await dialling.time.advance(1_000);
  t.is(dialling.dials(), 3);
});

test('when it ends the connections are closed and nothing is dialled any more', async (t) => {
  const channel = new MemoryChannel();
  const dialling = started(t, () => channel);
  await dialling.time.advance(1_000);
  dialling.ending.abort();
  channel.close('gone');
  await dialling.running;
  t.is(dialling.dials(), 1);
});
