import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { FarolaError, NO_SERVICE_MANAGER, type ServiceState } from '@farola/shared';
import { whileMounted } from '@farola/collector/main/while-mounted.js';
import { FakeTime } from '../../fakes/fake-time.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const failure = new FarolaError('disk-failure', { path: 'state.db', reason: 'read-only' });

const GONE = /the disk of the state was unmounted: .*/;

/** Work on a disk that a test takes away and brings back. */
class Scene {
  readonly time = new FakeTime();
  readonly folder: string;
  /** What the log said, and when work began and ended. */
  readonly told: string[] = [];
  readonly stop = new AbortController();
  /** How often a service manager heard that the program is alive. */
  alive = 0;
  /** What the next work throws when it begins. */
  fails: Error | undefined;
  readonly running: Promise<void>;

  constructor(t: ExecutionContext) {
    this.folder = join(temporaryFolder(t), 'disk');
    mkdirSync(this.folder);
    const path = join(this.folder, 'state.db');
    const say = (_: object, message: string): void => void this.told.push(message.replace(GONE, 'gone'));
    const log = { info: say, warn: say, error: say };
    const tell = ({ alive }: ServiceState): void => void (this.alive += Number(alive === true));
    const manager = { watchdogMs: 4000, tell, told: () => Promise.resolve() };
    const work = async (until: AbortSignal): Promise<void> => {
      if (this.fails) throw this.fails;
      writeFileSync(path, '', { flag: 'a' });
      this.told.push('works');
      await ended(until);
      this.told.push('closed');
    };
    this.running = whileMounted({ path, clock: this.time, timers: this.time, log, manager }, work, this.stop.signal);
  }

  /** As if the disk was unmounted: the folder below it is empty. */
  async unmount(): Promise<void> {
    renameSync(this.folder, `${this.folder}-away`);
    mkdirSync(this.folder);
    await this.time.advance(5000);
  }

  async mount(): Promise<void> {
    rmSync(this.folder, { recursive: true });
    renameSync(`${this.folder}-away`, this.folder);
    await this.time.advance(5000);
  }
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

test('work goes on until it is told to end, whatever the disk does in its place', async (t) => {
  const scene = new Scene(t);
  await scene.time.advance(60_000);
  scene.stop.abort();
  await scene.running;
  t.deepEqual(scene.told, ['works', 'closed']);
  t.is(scene.time.pending, 0);
});

test('work whose disk was unmounted is closed, and begun anew when the same file is back, and not before', async (t) => {
  const scene = new Scene(t);
  await scene.time.advance(5000);
  await scene.unmount();
  t.deepEqual(scene.told, ['works', 'closed', 'gone']);
  t.true(scene.alive > 1);
  writeFileSync(join(scene.folder, 'state.db'), 'what lies in the folder below');
  await scene.time.advance(5000);
  t.is(scene.told.length, 3, 'said once');
  await scene.mount();
  t.deepEqual(scene.told.slice(3), ['works', 'over: gone']);
  await scene.unmount();
  await scene.mount();
  t.deepEqual(scene.told.slice(5), ['closed', 'gone', 'works', 'over: gone']);
  scene.stop.abort();
  await scene.running;
  t.is(scene.time.pending, 0);
});

test('a disk that is back and cannot be written yet is tried again; another failure ends it', async (t) => {
  const scene = new Scene(t);
  await scene.time.advance(5000);
  await scene.unmount();
  scene.fails = failure;
  await scene.mount();
  t.deepEqual(scene.told, ['works', 'closed', 'gone'], 'said once');
  scene.fails = undefined;
  await scene.time.advance(5000);
  t.deepEqual(scene.told.slice(3), ['works', 'over: gone']);
  await scene.unmount();
  scene.fails = new FarolaError('address-in-use', { address: '127.0.0.1:1' });
  const thrown = t.throwsAsync(scene.running);
  await scene.mount();
  t.like(await thrown, { code: 'address-in-use' });
  t.is(scene.time.pending, 0);
});

test('what fails at the first start is thrown, and nothing is waited for', async (t) => {
  const time = new FakeTime();
  const log = { info: () => t.fail(), warn: () => t.fail(), error: () => t.fail() };
  const deps = { path: '/proc/none', clock: time, timers: time, log, manager: NO_SERVICE_MANAGER };
  await t.throwsAsync(
    whileMounted(deps, () => Promise.reject(failure), new AbortController().signal),
    { is: failure },
  );
  t.is(time.pending, 0);
});

test('the wait for a disk ends when the program is to stop', async (t) => {
  const scene = new Scene(t);
  await scene.time.advance(5000);
  await scene.unmount();
  scene.stop.abort();
  await scene.time.advance(2000);
  await scene.running;
  t.deepEqual(scene.told, ['works', 'closed', 'gone']);
});
