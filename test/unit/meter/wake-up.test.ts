import { FarolaError } from '@farola/shared';
import { Breaker } from '@farola/agent/meter/breaker.js';
import { guardedReader } from '@farola/agent/meter/guarded-reader.js';
import { readProfiles, SHIPPED_PROFILES } from '@farola/agent/meter/profile/profile-file.js';
import { readAwake } from '@farola/agent/meter/read-awake.js';
import type { Reading } from '@farola/agent/meter/reading.js';
import { WakeUp } from '@farola/agent/meter/wake-up.js';
import test from 'ava';
import { FactDevice } from '../../fakes/fact-device.js';
import { FakeTime } from '../../fakes/fake-time.js';

const { profiles } = await readProfiles([SHIPPED_PROFILES]);

/** An ABB that lets so many questions go by, and the reader of it. */
function bench(letsGoBy = Infinity) {
  const abb = profiles.get('abb-b23-b24');
  if (!abb) throw new RangeError('it is not shipped');
  const { profile } = abb;
  const time = new FakeTime();
  const device = new FactDevice();
  let left = letsGoBy;
  device.onAsk = () => void (device.isSilent = left-- > 0);
  const breaker = new Breaker({ nowMs: () => time.now().monoMs, random: () => 0 });
  const told = { awake: 0 };
  const onAwake = (): void => {
    told.awake++;
    breaker.answered();
  };
  const wakeUp = new WakeUp({ id: 'mains', unit: 1, profile, client: device, mostMs: 1_000, onAwake });
  const read = async (): Promise<Reading> => {
    const failure = await device
      .read({ analyser: 'mains', unit: 1, functionCode: 3, address: 0, count: 1 })
      .then(() => undefined)
      .catch((error: unknown) => (error instanceof FarolaError && error.code === 'meter-timeout' ? error : undefined));
    return { startedAt: time.now(), spanMs: 0, status: failure ? 'timeout' : 'complete', values: [], offsets: [], failure };
  };
  const reader = guardedReader({ id: 'mains', unit: 1, reader: { read, probe: read }, breaker, wakeUp, clock: time });
  return { time, device, breaker, wakeUp, reader, told };
}

test('nobody is woken who answers', async (t) => {
  const { reader, wakeUp } = bench(0);
  t.false(wakeUp.isWanted);
  t.is((await reader.read()).status, 'complete');
  t.false(wakeUp.isWanted);
});

test('whoever does not answer is asked as often as the profile says, and not again for the same silence', async (t) => {
  const { reader, wakeUp, device } = bench();
  t.is((await reader.read()).status, 'timeout');
  let asked = 0;
  for (; wakeUp.isWanted; asked++) t.false(await wakeUp.ask());
  t.is(asked, 3);
  await reader.read();
  t.false(wakeUp.isWanted);
  t.is(device.asked.length, 5);
});

test('of four readings or probes that stay unanswered the first wakes', async (t) => {
  const { time, reader, wakeUp } = bench();
  const wakes: number[] = [];
  for (let reading = 0; reading < 9; reading++) {
    await time.advance(40_000);
    await reader.read();
    let asked = 0;
    for (; wakeUp.isWanted; asked++) await wakeUp.ask();
    wakes.push(asked);
  }
  t.deepEqual(wakes, [3, 0, 0, 0, 3, 0, 0, 0, 3]);
});

test('the first answer ends the waking and closes the breaker', async (t) => {
  const { time, reader, wakeUp, breaker, told } = bench(4);
  await reader.read();
  await reader.read();
  t.true(breaker.isOpen);
  t.deepEqual([await wakeUp.ask(), await wakeUp.ask(), await wakeUp.ask()], [false, false, true]);
  t.deepEqual([wakeUp.isWanted, told.awake, breaker.isOpen], [false, 1, false]);
  await time.advance(0);
  t.is((await reader.read()).status, 'complete');
});

test('an exception is an answer', async (t) => {
  const { reader, wakeUp, device, told } = bench(1);
  device.exception = 2;
  await reader.read();
  t.true(await wakeUp.ask());
  t.is(told.awake, 1);
});

test('on a line that cannot be used nobody is woken', async (t) => {
  const { reader, wakeUp, device } = bench();
  await reader.read();
  device.onAsk = () => {
    throw new FarolaError('line-unavailable', { line: 'main', path: '/dev/x', reason: 'gone' });
  };
  t.false(await wakeUp.ask());
  t.false(wakeUp.isWanted);
});

test('what wakes asks for few registers, and for another number than what is owed', async (t) => {
  const { reader, wakeUp, device } = bench();
  await reader.read();
  device.owed = new Set([1]);
  await wakeUp.ask();
  device.owed = new Set([1, 2]);
  await wakeUp.ask();
  const counts = device.asked.slice(1).map(({ count }) => count);
  t.deepEqual(counts, [2, 3]);
});

test('a reader of a line of its own wakes and reads at once', async (t) => {
  const { reader, device } = bench(3);
  t.is((await readAwake(reader)).status, 'complete');
  t.is(device.asked.length, 5, 'one reading, three questions, the reading that was answered');
  const dead = bench();
  t.is((await readAwake(dead.reader)).status, 'timeout');
  t.is(dead.device.asked.length, 4);
});
