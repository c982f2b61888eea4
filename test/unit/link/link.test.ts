import type { Journal } from '@farola/agent/journal/journal.js';
import type { Channel, ChannelEvents } from '@farola/agent/link/channel.js';
import { HELLO_TIMEOUT_MS, type LinkState, runLink } from '@farola/agent/link/link.js';
import { FarolaError } from '@farola/shared';
import test, { type ExecutionContext } from 'ava';
import { FakeTime, settle } from '../../fakes/fake-time.js';
import { connectionDeps, helloFrame, RecordedLog } from '../../fakes/link-bench.js';
import { RecordedChannel } from '../../fakes/recorded-channel.js';

/** A journal that is never asked. */
const NO_JOURNAL = { epoch: new Uint8Array(8) } as Journal;

function started(t: ExecutionContext, dialled: (number: number, connect: (channel: Channel) => ChannelEvents) => void) {
  const time = new FakeTime();
  const log = new RecordedLog();
  const states: [LinkState, string | undefined][] = [];
  const ending = new AbortController();
  let dials = 0;
  const deps = {
    ...connectionDeps(NO_JOURNAL, log, time),
    timers: time,
    redial: { minMs: 1_000, maxMs: 60_000 },
    random: { bytes: (length: number) => new Uint8Array(length).fill(255) },
    dial: async (connect: (channel: Channel) => ChannelEvents) => dialled(++dials, connect),
    onState: (state: LinkState, { reason }: { readonly reason?: string }) => void states.push([state, reason]),
  };
  const running = runLink(deps, ending.signal);
  t.teardown(() => ending.abort());
  return { time, log, states, ending, running, dials: () => dials };
}

test('a dial that fails is tried again after a wait, and its code is a warning once', async (t) => {
  const link = started(t, () => {
    throw new FarolaError('collector-unreachable', { address: 'x', reason: 'y' });
  });
  await settle();
  t.is(link.dials(), 1);
  await link.time.advance(1_000);
  t.is(link.dials(), 2);
  await link.time.advance(1_999);
  t.is(link.dials(), 2);
  await link.time.advance(1);
  t.is(link.dials(), 3);
  t.deepEqual(link.log.codes, ['collector-unreachable']);
  t.deepEqual(link.log.messages, ['not connected', 'not connected']);
});

test('a collector that says no hello is left, and dialled again', async (t) => {
  const channel = new RecordedChannel();
  const link = started(t, (_number, connect) => void channel.open(connect));
  await link.time.advance(HELLO_TIMEOUT_MS - 1);
  t.is(channel.closed, undefined);
  await link.time.advance(1);
  t.is(channel.closed?.reason, 'hello-missing');
  await link.time.advance(1_000);
  t.is(link.dials(), 2);
});

test('after the hello the connection may be silent for as long as the polls are apart', async (t) => {
  const channel = new RecordedChannel();
  const link = started(t, (_number, connect) => void channel.open(connect));
  await settle();
  channel.receive(helloFrame());
  await link.time.advance(3_600_000);
  t.is(channel.closed, undefined);
  t.deepEqual(
    link.states.map(([state]) => state),
    ['dialling', 'connected'],
  );
});

test('a refusal that a person must lift is told and waited for longer', async (t) => {
  const channel = new RecordedChannel();
  const link = started(t, (_number, connect) => void channel.open(connect));
  await settle();
  channel.close(4000, 'lcu-pending');
  await settle();
  t.deepEqual(link.states.at(-1), ['waiting', 'lcu-pending']);
  t.deepEqual(link.log.codes, ['link-down']);
  await link.time.advance(59_000);
  t.is(link.dials(), 1);
  await link.time.advance(1_000);
  t.is(link.dials(), 2);
});

test('a collector that shuts down is not dialled by its whole fleet at once; a lost connection is dialled soon', async (t) => {
  const channels: RecordedChannel[] = [];
  const link = started(t, (_number, connect) => {
    channels.push(new RecordedChannel().open(connect));
  });
  await settle();
  channels[0]?.receive(helloFrame());
  channels[0]?.close(4000, 'shutting-down');
  await link.time.advance(29_999);
  t.is(link.dials(), 1, 'the random number of this test is the highest');
  await link.time.advance(1);
  t.is(link.dials(), 2);
  channels[1]?.close(1006, '');
  await link.time.advance(2_000);
  t.is(link.dials(), 3);
});

test('stopping closes the connection in order and ends', async (t) => {
  const channel = new RecordedChannel();
  const link = started(t, (_number, connect) => void channel.open(connect));
  await settle();
  channel.receive(helloFrame());
  link.ending.abort();
  await link.running;
  t.is(channel.closed?.code, 1000);
  t.is(link.time.pending, 0);
});

test('stopping ends a wait', async (t) => {
  const link = started(t, () => {
    throw new FarolaError('collector-unreachable');
  });
  await settle();
  link.ending.abort();
  await link.running;
  t.is(link.time.pending, 0);
});
