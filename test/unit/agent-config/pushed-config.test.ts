import { AnalyserHealth } from '@farola/agent/config/analyser-health.js';
import { fsPushedStore, PUSHED_FILE } from '@farola/agent/config/fs-pushed-store.js';
import { PushedConfig } from '@farola/agent/config/pushed-config.js';
import { mergedText, remoteProblems } from '@farola/agent/config/remote-config.js';
import { watchTrial } from '@farola/agent/config/watch-trial.js';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { parse } from 'yaml';
import { FakeTime } from '../../fakes/fake-time.js';
import { RecordedLog } from '../../fakes/link-bench.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const PUSHED = { sequence: 4, text: 'sampleSeconds: 30', by: 'ana', reason: 'x', atMs: 1 };

async function opened(folder: string): Promise<PushedConfig> {
  const store = fsPushedStore(folder);
  return new PushedConfig(store, await store.load());
}

/** What a program that is started anew finds. */
async function onTrial(t: ExecutionContext) {
  const folder = temporaryFolder(t);
  const pushed = await opened(folder);
  await pushed.tryOut(PUSHED, ['mains']);
  return { folder, pushed };
}

test('what is on trial counts, then is kept, and each step is there after a restart', async (t) => {
  const { folder, pushed } = await onTrial(t);
  t.is((await opened(folder)).text, PUSHED.text);
  await pushed.keep();
  const after = await opened(folder);
  t.deepEqual(after.state.kept, PUSHED);
  t.is(after.state.trial, null);
  const told: unknown[] = [];
  await after.tell((event, [sequence, , what]) => told.push([event, sequence, what]));
  t.deepEqual(told, [['config-applied', 4, 'ana']]);
  await (await opened(folder)).tell(() => t.fail('it is told once'));
});

test('rolled back, the one kept before counts again, and its number does not come again', async (t) => {
  const { folder, pushed } = await onTrial(t);
  await pushed.keep();
  await pushed.tryOut({ ...PUSHED, sequence: 5, text: 'sampleSeconds: 1' }, []);
  await pushed.rollBack('no poll came');
  const after = await opened(folder);
  t.is(after.text, PUSHED.text);
  t.is(after.state.accepted, 5);
});

test('the fourth start on trial rolls back', async (t) => {
  const { folder } = await onTrial(t);
  for (const trial of [true, true, true, false, false]) {
    const started = await opened(folder);
    await started.begin();
    t.is(started.state.trial !== null, trial);
  }
});

test('reset forgets what was kept and what is on trial, and keeps the number', async (t) => {
  const { pushed } = await onTrial(t);
  await pushed.keep();
  await pushed.tryOut({ ...PUSHED, sequence: 9 }, []);
  t.true(await pushed.reset());
  t.false(await pushed.reset());
  t.is(pushed.text, undefined);
  t.is(pushed.state.accepted, 9);
});

test('a state file that is damaged is one clear error', async (t) => {
  const folder = temporaryFolder(t);
  for (const text of ['{', '{}', '[]']) {
    writeFileSync(join(folder, PUSHED_FILE), text);
    await t.throwsAsync(opened(folder), { code: 'state-file-invalid' });
  }
});

for (const [what, polled, status, rolledBack] of [
  ['polled, with its analyser answering, is kept', true, 'complete', false],
  ['whose analyser answers in part is kept', true, 'partial', false],
  ['that is never polled is rolled back', false, 'complete', true],
  ['whose analyser fell silent is rolled back', true, 'timeout', true],
] as const) {
  test(`a trial ${what}`, async (t) => {
    const { pushed } = await onTrial(t);
    const time = new FakeTime();
    const health = new AnalyserHealth(['mains', 'other']);
    const deps = { pushed, trialMs: 1000, timers: time, health, polled: () => polled, log: new RecordedLog() };
    const watching = watchTrial(deps, new AbortController().signal);
    health.sampled(0, 'complete');
    health.sampled(0, status);
    health.sampled(1, 'timeout');
    await time.advance(1000);
    t.is(await watching, rolledBack);
    t.is(pushed.state.trial, null);
    t.is(pushed.state.kept !== null, !rolledBack);
  });
}

test('a trial that is cut off by the end of the run stays a trial', async (t) => {
  const { pushed } = await onTrial(t);
  const ending = new AbortController();
  const common = { pushed, trialMs: 1000, timers: new FakeTime(), health: new AnalyserHealth([]), log: new RecordedLog() };
  const watching = watchTrial({ ...common, polled: () => true }, ending.signal);
  ending.abort();
  t.false(await watching);
  t.not(pushed.state.trial, null);
});

test('fields of the collector take the place of those of the file, whole, and no others are taken', (t) => {
  const merged = parse(mergedText('sampleSeconds: 60\nstateDir: /x\nlog: { level: info }\n', 'log: { level: warn }')) as unknown;
  t.deepEqual(merged, { sampleSeconds: 60, stateDir: '/x', log: { level: 'warn' } });
  t.deepEqual(remoteProblems('sampleSeconds: 30'), []);
  for (const text of ['stateDir: /tmp', 'remote: { accept: true }', 'link: {}', '', '[]', 'sampleSeconds: 7', '{', 'a'])
    t.true(remoteProblems(text).length > 0, text);
});
