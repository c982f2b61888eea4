import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { inConfigThread } from '@farola/agent/config/config-thread.js';
import { ownConfigReader } from '@farola/agent/config/own-config-reader.js';
import { SHIPPED_PROFILES } from '@farola/agent/meter/profile/profile-file.js';
import { type ErrorCode, FarolaError } from '@farola/shared';
import test, { type ExecutionContext } from 'ava';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const IDS = readdirSync(SHIPPED_PROFILES.path).flatMap((name) => /^(.*)\.yaml$/.exec(name)?.[1] ?? []);

/** Analysers that one configuration may have. */
const MOST = 8;

/** A configuration with an analyser for each of these profiles, and every kind of line. */
function written(t: ExecutionContext, extra = '', ids = IDS.slice(0, MOST)): string {
  const folder = temporaryFolder(t);
  const path = join(folder, 'agent.yaml');
  const analysers = ids.map((id, place) => `{ id: a${place}, line: l${place % 3}, unit: ${place + 1}, profile: ${id} }`);
  const lines = [
    '{ id: l0, transport: rtu, path: /dev/ttyUSB0, rs485: {} }',
    '{ id: l1, transport: rtu-over-tcp, host: gateway, port: 4001 }',
    '{ id: l2, transport: modbus-tcp, host: meter, gapMs: 5 }',
  ];
  mkdirSync(join(folder, 'own'));
  const text = [`lines: [${lines.join(', ')}]`, `analysers: [${analysers.join(', ')}]`, `profilesDir: ${folder}/own`, extra];
  writeFileSync(path, text.join('\n'));
  return path;
}

test('the thread gives what is read here, of every profile that ships', async (t) => {
  t.true(IDS.length >= 15);
  const path = written(t);
  await inConfigThread(async (reader) => {
    for (const one of [path, written(t, '', IDS.slice(-MOST))]) {
      const read = await reader.load(one);
      t.is(read.profiles.size, MOST);
      t.deepEqual(read, await ownConfigReader.load(one));
    }
    const merged = await reader.load(path, 'sampleSeconds: 30');
    t.is(merged.config.sampleSeconds, 30);
    t.deepEqual(merged, await ownConfigReader.load(path, 'sampleSeconds: 30'));
    await reader.check(path, 'sampleSeconds: 30');
    t.deepEqual(await reader.shippedProfiles(), await ownConfigReader.shippedProfiles());
  });
});

test('the errors of the thread are those of here, with all that they tell', async (t) => {
  const bad = written(t, 'sampleSeconds: 7\nstateDir: here');
  const good = written(t);
  const same = async (ask: (reader: typeof ownConfigReader) => Promise<unknown>, code: ErrorCode): Promise<void> => {
    const there = await t.throwsAsync<FarolaError>(inConfigThread(ask), { instanceOf: FarolaError });
    const here = await t.throwsAsync<FarolaError>(ask(ownConfigReader));
    t.is(there.code, code);
    t.deepEqual([there.code, there.facts, there.message, there.hint], [here.code, here.facts, here.message, here.hint]);
  };
  await same((reader) => reader.load(bad), 'config-invalid');
  await same((reader) => reader.load('/nonexistent/agent.yaml'), 'config-unreadable');
  await same((reader) => reader.load(good, 'analysers: []'), 'config-invalid');
  await same((reader) => reader.check(good, 'stateDir: /tmp'), 'config-invalid');
  await same((reader) => reader.check(good, 'lines: []'), 'config-invalid');
});

test.serial('the thread serves what is asked at once, and is gone when the work is done or failed', async (t) => {
  const path = written(t);
  const ends: Promise<unknown>[] = [];
  const onWorker = (worker: Worker): void => void ends.push(once(worker, 'exit'));
  process.on('worker', onWorker);
  t.teardown(() => process.off('worker', onWorker));
  const loaded = await inConfigThread((reader) =>
    Promise.all([20, 30, 60].map((seconds) => reader.load(path, `sampleSeconds: ${seconds}`))),
  );
  t.deepEqual(
    loaded.map(({ config }) => config.sampleSeconds),
    [20, 30, 60],
  );
  await t.throwsAsync(
    inConfigThread(() => Promise.reject(new RangeError('work'))),
    { message: 'work' },
  );
  t.is(ends.length, 2);
  await Promise.all(ends);
});

test.serial("a thread that ends by itself fails what it was asked, in the table's terms", async (t) => {
  const path = written(t);
  process.once('worker', (worker: Worker) => {
    worker.once('online', () => {
      worker.emit('error', new Error('out of memory'));
      void worker.terminate();
    });
  });
  const error = await t.throwsAsync<FarolaError>(inConfigThread((reader) => reader.load(path)));
  t.is(error.code, 'internal');
  t.regex(String(error.facts['reason']), /out of memory/);
});
