import test from 'ava';
import { FarolaError } from '@farola/shared';
import { GROUP_DELAY_MS, GROUP_LIMIT, GroupCommit } from '@farola/collector/ledger/group-commit.js';
import type { NewAnswer } from '@farola/collector/ledger/ledger.js';
import { FakeTime } from '../../fakes/fake-time.js';
import { MemoryLedger } from '../../fakes/memory-ledger.js';
import { testAnswer } from '../../fakes/test-answer.js';
import { TestChain } from '../../fakes/test-chain.js';

const chain = new TestChain().grow(1);
const empty = testAnswer(chain, 2, 1);

/** A small answer of this LCU. */
function answer(lcuNo: number): NewAnswer {
  return { ...empty, lcuNo };
}

function setUp(onCommitted?: (lcuNos: readonly number[]) => void) {
  const time = new FakeTime();
  const ledger = new MemoryLedger();
  const hookErrors: unknown[] = [];
  const commit = new GroupCommit({
    ledger,
    timers: time,
    onCommitted: (batch) => onCommitted?.(batch.map((one) => one.answer.lcuNo)),
    onFailedHook: (error) => hookErrors.push(error),
  });
  return { time, ledger, commit, hookErrors };
}

test('stores what comes within 50 ms in one transaction', async (t) => {
  const { time, ledger, commit } = setUp();
  const first = commit.submit(answer(1));
  await time.advance(GROUP_DELAY_MS - 1);
  const second = commit.submit(answer(2));
  t.deepEqual(ledger.batches, []);
  await time.advance(1);
  t.deepEqual(ledger.batches, [2]);
  t.deepEqual(
    await Promise.all([first, second]),
    ledger.rowsFrom(0).map(({ key }) => key),
  );
  t.is(time.pending, 0);
});

test('does not wait once there are 100', async (t) => {
  const { time, ledger, commit } = setUp();
  const keys = Array.from({ length: GROUP_LIMIT + 1 }, (_, i) => commit.submit(answer(i)));
  t.deepEqual(ledger.batches, [GROUP_LIMIT]);
  await time.advance(GROUP_DELAY_MS);
  t.deepEqual(ledger.batches, [GROUP_LIMIT, 1]);
  t.is(new Set(await Promise.all(keys)).size, GROUP_LIMIT + 1);
  t.is(time.pending, 0);
});

test('begins a new 50 ms with the first answer after a commit', async (t) => {
  const { time, ledger, commit } = setUp();
  void commit.submit(answer(1));
  await time.advance(GROUP_DELAY_MS);
  await time.advance(1000);
  void commit.submit(answer(2));
  await time.advance(GROUP_DELAY_MS - 1);
  t.deepEqual(ledger.batches, [1]);
  await time.advance(1);
  t.deepEqual(ledger.batches, [1, 1]);
});

test('an answer that cannot be stored takes no neighbour with it', async (t) => {
  const { time, ledger, commit } = setUp();
  const bad = new Set([3, 61]);
  const full = new FarolaError('ledger-slot-full', { lcu: 3, limit: 512 });
  ledger.fail = (answers) => (answers.some(({ lcuNo }) => bad.has(lcuNo)) ? full : undefined);
  const outcomes = Promise.allSettled(Array.from({ length: 80 }, (_, i) => commit.submit(answer(i))));
  await time.advance(GROUP_DELAY_MS);
  const rejected = (await outcomes).flatMap(({ status }, i) => (status === 'rejected' ? [i] : []));
  t.deepEqual(rejected, [3, 61]);
  t.deepEqual(
    ledger.rowsFrom(0).map(({ lcuNo }) => lcuNo),
    Array.from({ length: 80 }, (_, i) => i).filter((i) => !bad.has(i)),
  );
  t.true(ledger.batches.length < 40, 'neighbours are stored together, not one by one');
});

test('a failing disk is asked once, and every answer is told', async (t) => {
  const { time, ledger, commit } = setUp();
  const failure = new FarolaError('disk-failure', { path: 'x', reason: 'full' });
  ledger.fail = () => failure;
  const outcomes = Promise.allSettled([commit.submit(answer(1)), commit.submit(answer(2))]);
  await time.advance(GROUP_DELAY_MS);
  t.deepEqual(
    (await outcomes).map((outcome) => outcome.status === 'rejected' && outcome.reason === failure),
    [true, true],
  );
  t.deepEqual(ledger.batches, [2]);
  ledger.fail = () => undefined;
  const later = commit.submit(answer(1));
  commit.flush();
  t.is(typeof (await later), 'number');
});

test('the hook sees each commit before anyone who waits, in the same tick', async (t) => {
  const seen: string[] = [];
  const { time, commit } = setUp((lcuNos) => seen.push(`hook ${lcuNos.join(' ')}`));
  const told = [1, 2].map((lcuNo) => commit.submit(answer(lcuNo)).then(() => seen.push(`told ${lcuNo}`)));
  await time.advance(GROUP_DELAY_MS);
  await Promise.all(told);
  t.deepEqual(seen, ['hook 1 2', 'told 1', 'told 2']);
});

test('a hook that fails does not undo the commit', async (t) => {
  const failure = new Error('state.db is full');
  const { time, ledger, commit, hookErrors } = setUp(() => {
    throw failure;
  });
  const key = commit.submit(answer(1));
  await time.advance(GROUP_DELAY_MS);
  t.is(await key, ledger.rowsFrom(0)[0]!.key);
  t.deepEqual(hookErrors, [failure]);
});

test('what has to be noted before answers are stored is noted first, and where that fails nothing is stored', async (t) => {
  const [time, ledger] = [new FakeTime(), new MemoryLedger()];
  const seen: number[] = [];
  let full = true;
  const onStoring = (batch: readonly NewAnswer[]): void => {
    seen.push(batch.length, ledger.batches.length);
    if (full) throw new FarolaError('disk-failure', { path: 'state.db', reason: 'full' });
  };
  const commit = new GroupCommit({ ledger, timers: time, onStoring, onFailedHook: () => undefined });
  const refused = commit.submit(answer(1));
  const told = t.throwsAsync(refused, { code: 'disk-failure' });
  await time.advance(GROUP_DELAY_MS);
  await told;
  full = false;
  const stored = commit.submit(answer(1));
  await time.advance(GROUP_DELAY_MS);
  t.true((await stored) >= 0);
  t.deepEqual(seen, [1, 0, 1, 0]);
  t.deepEqual(ledger.batches, [1]);
});

test('closing stores what waits and takes no more', async (t) => {
  const { time, ledger, commit } = setUp();
  const last = commit.submit(answer(1));
  commit.close();
  t.is(typeof (await last), 'number');
  t.deepEqual(ledger.batches, [1]);
  await t.throwsAsync(commit.submit(answer(2)), { instanceOf: TypeError });
  t.is(time.pending, 0);
  commit.flush();
  t.deepEqual(ledger.batches, [1]);
});
