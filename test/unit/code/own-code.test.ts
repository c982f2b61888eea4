import { agentConfigSchema } from '@farola/agent/config/config-schema.js';
import { OwnCode, type OwnCodeDeps } from '@farola/agent/code/own-code.js';
import { type Cbor, codeOf, FarolaError, type FileChange, type Measured, sha256, toHex } from '@farola/shared';
import test from 'ava';
import { FakeTime } from '../../fakes/fake-time.js';
import { RecordedLog } from '../../fakes/link-bench.js';

/** By default. */
const CHECK_MS = agentConfigSchema.shape.code.parse(undefined).checkSeconds * 1000;
const hash = (name: string): Uint8Array => sha256(Buffer.from(name));

/** An installed agent whose measurements a test gives. */
function installed(begin: Measured | FarolaError = measured('first'), time = new FakeTime()) {
  const log = new RecordedLog();
  const events: [string, readonly Cbor[]][] = [];
  const bench = {
    time,
    log,
    events,
    next: begin as Measured | FarolaError | (Measured | FarolaError)[],
    measurements: 0,
    note: (code: string, facts: readonly Cbor[]) => void events.push([code, facts]),
  };
  const deps: OwnCodeDeps = {
    tree: { root: '/usr/lib/farola', mark: { format: 1, name: '@farola/agent', version: '0.1.0' } },
    measurer: {
      async tree() {
        bench.measurements++;
        const one = Array.isArray(bench.next) ? (bench.next.shift() ?? measured('first')) : bench.next;
        if (one instanceof FarolaError) throw one;
        return one;
      },
    },
    checkMs: CHECK_MS,
    clock: time,
    timers: time,
    log,
  };
  return { ...bench, deps, bench, code: new OwnCode(deps), stop: new AbortController() };
}

function measured(name: string, ...changes: FileChange[]): Measured {
  return { hash: hash(name), files: 3, changes };
}

const broken = new FarolaError('tree-symlink', { path: 'dist/main.js' });
const changing = new FarolaError('tree-changing', { path: 'dist/main.js' });

test('the code is measured at the start, and again and again', async (t) => {
  const { code, time, note, stop, events, bench } = installed();
  await code.begin();
  t.deepEqual(code.state, { tree: '/usr/lib/farola', hash: hash('first'), files: 3, reason: null });
  const watching = code.watch(note, stop.signal);
  await time.advance(CHECK_MS * 3);
  t.deepEqual(events, []);
  t.is(bench.measurements, 4);
  stop.abort();
  await watching;
  t.is(time.pending, 0);
});

test('a change is one event that names the files, and the new hash stands from then on', async (t) => {
  const { code, time, note, stop, events, bench, log } = installed();
  await code.begin();
  const watching = code.watch(note, stop.signal);
  await time.advance(CHECK_MS);
  bench.next = measured('second', { path: 'dist/main.js', change: 'content' }, { path: 'evil.js', change: 'added' });
  await time.advance(CHECK_MS * 2);
  t.deepEqual(events, [['code-changed', [hash('first'), hash('second'), 2, ['content dist/main.js', 'added evil.js']]]]);
  t.is(toHex(code.state.hash!), toHex(hash('second')));
  t.deepEqual(log.codes, ['code-changed']);
  stop.abort();
  await watching;
});

test('a change is told within a minute by default, a file that is being written included', async (t) => {
  // Just too late for the next look, which is left out.
  const time = new FakeTime(undefined, CHECK_MS / 2 + 1);
  const { code, note, stop, events, bench } = installed(measured('first'), time);
  await code.begin();
  void code.watch(note, stop.signal);
  await time.advance(1);
  bench.next = [changing, measured('second', { path: 'a', change: 'mode' })];
  await time.advance(60_000);
  t.deepEqual(events[0], ['code-changed', [hash('first'), hash('second'), 1, ['mode a']]]);
  stop.abort();
});

test('an event names the first files only, and cuts long names', async (t) => {
  const { code, time, note, stop, events, bench } = installed();
  await code.begin();
  void code.watch(note, stop.signal);
  bench.next = measured(
    'many',
    ...Array.from({ length: 300 }, (_, i): FileChange => ({ path: `${i}`.repeat(300), change: 'added' })),
  );
  await time.advance(CHECK_MS);
  const [, , count, names] = events[0]![1] as [Cbor, Cbor, number, string[]];
  t.is(count, 300);
  t.is(names.length, 8);
  t.true(names.every((name) => name.length <= 256));
  stop.abort();
});

test('a tree that breaks the rules does not start', async (t) => {
  t.is(codeOf(await t.throwsAsync(installed(broken).code.begin())), 'tree-symlink');
});

test('a tree that breaks the rules later has no hash, until it is good again', async (t) => {
  const { code, time, note, stop, events, bench } = installed();
  await code.begin();
  void code.watch(note, stop.signal);
  bench.next = broken;
  await time.advance(CHECK_MS * 2);
  t.is(code.state.hash, null);
  t.regex(code.state.reason ?? '', /^tree-symlink: /);
  bench.next = measured('first');
  await time.advance(CHECK_MS);
  t.is(code.state.reason, null);
  t.deepEqual(events, [
    ['code-changed', [hash('first'), null, 1, ['dist/main.js is a symbolic link']]],
    ['code-changed', [null, hash('first'), 0, []]],
  ]);
  stop.abort();
});

test('a tree that never stands still counts as changed', async (t) => {
  const { code, time, note, stop, events, bench } = installed();
  await code.begin();
  void code.watch(note, stop.signal);
  bench.next = changing;
  await time.advance(CHECK_MS + 2_000);
  t.is(events[0]?.[0], 'code-changed');
  t.is(code.state.hash, null);
  stop.abort();
});
