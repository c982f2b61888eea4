import { OwnPlatform, type OwnPlatformDeps, WHOLE_MS } from '@farola/agent/code/own-platform.js';
import { type Cbor, FarolaError, type FileChange, type Measured, type PlatformRequest, sha256 } from '@farola/shared';
import test from 'ava';
import { FakeTime } from '../../fakes/fake-time.js';
import { RecordedLog } from '../../fakes/link-bench.js';

const CHECK_MS = 20_000;
const hash = (name: string): Uint8Array => sha256(Buffer.from(name));
const measured = (name: string, ...changes: FileChange[]): Measured => ({ hash: hash(name), files: 12, changes });
const unreadable = new FarolaError('tree-unreadable', { path: '/etc/x.conf', reason: 'EACCES' });

/** An installed agent whose measurements a test gives. */
function installed(begin: Measured | FarolaError = measured('first')) {
  const time = new FakeTime();
  const log = new RecordedLog();
  const events: [string, readonly Cbor[]][] = [];
  const asked: PlatformRequest[] = [];
  const bench = { next: begin, epoch: new Uint8Array(8) };
  const deps: OwnPlatformDeps = {
    mapped: ['/usr/bin/node'],
    unit: 'farola-agent.service',
    tree: '/usr/lib/farola',
    measurer: {
      async platform(request) {
        asked.push(request);
        if (bench.next instanceof FarolaError) throw bench.next;
        return bench.next;
      },
    },
    checkMs: CHECK_MS,
    epoch: () => bench.epoch,
    clock: time,
    timers: time,
    log,
  };
  const platform = new OwnPlatform(deps);
  const stop = new AbortController();
  const watching = platform.watch((code, facts) => void events.push([code, facts]), stop.signal);
  return { time, log, events, asked, bench, platform, stop, watching };
}

test('the platform is told once, and looked at again and again', async (t) => {
  const { time, events, asked, platform, stop, watching } = installed();
  t.deepEqual(platform.state, { hash: null, files: 0, reason: 'not measured yet' });
  await time.advance(CHECK_MS * 3);
  t.deepEqual(events, [['platform-measured', [hash('first'), 12]]]);
  t.deepEqual(platform.state, { hash: hash('first'), files: 12, reason: null });
  t.is(asked.length, 4);
  t.deepEqual(asked[0], { mapped: ['/usr/bin/node'], unit: 'farola-agent.service', tree: '/usr/lib/farola', whole: true });
  stop.abort();
  await watching;
  t.is(time.pending, 0);
});

test('a change is one event within a minute, that names the files', async (t) => {
  const { time, events, bench, stop, log } = installed();
  await time.advance(1);
  bench.next = measured('second', { path: '/usr/bin/node', change: 'content' });
  await time.advance(60_000);
  t.deepEqual(events.slice(1), [['platform-changed', [hash('first'), hash('second'), 1, ['content /usr/bin/node']]]]);
  t.deepEqual(log.codes, ['platform-changed']);
  stop.abort();
});

test('every byte is read at the start and once a day, what looks changed at each look', async (t) => {
  const { time, asked, stop } = installed();
  await time.advance(WHOLE_MS + CHECK_MS);
  const whole = asked.flatMap(({ whole: all }, i) => (all ? [i] : []));
  t.deepEqual(whole, [0, WHOLE_MS / CHECK_MS]);
  stop.abort();
});

test('an epoch that begins in the same run is told it too', async (t) => {
  const { time, events, bench, stop } = installed();
  await time.advance(CHECK_MS);
  bench.epoch = new Uint8Array(8).fill(1);
  await time.advance(CHECK_MS * 2);
  t.deepEqual(events, [
    ['platform-measured', [hash('first'), 12]],
    ['platform-measured', [hash('first'), 12]],
  ]);
  bench.epoch = new Uint8Array(8).fill(2);
  bench.next = measured('second', { path: '/bin/sh', change: 'content' });
  await time.advance(CHECK_MS * 2);
  t.deepEqual(
    events.slice(2).map(([code]) => code),
    ['platform-changed'],
    'a change tells the hash as well',
  );
  stop.abort();
});

test('a platform that cannot be read costs its hash, not the run, and is told when it can', async (t) => {
  const { time, events, bench, platform, stop, log } = installed(unreadable);
  await time.advance(CHECK_MS * 2);
  const reason = '/etc/x.conf cannot be read: EACCES';
  t.deepEqual(events, [['platform-changed', [null, null, 1, [reason]]]]);
  t.deepEqual(platform.state, { hash: null, files: 0, reason: `tree-unreadable: ${reason}` });
  t.deepEqual(log.codes, ['platform-changed']);
  bench.next = measured('first');
  await time.advance(CHECK_MS * 2);
  t.deepEqual(events.slice(1), [['platform-changed', [null, hash('first'), 0, []]]]);
  t.deepEqual(platform.state.hash, hash('first'));
  stop.abort();
});
