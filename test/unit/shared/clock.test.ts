import {
  CLOCK_QUALITY,
  type ClockQuality,
  clockQualityName,
  fromHex,
  isName,
  pause,
  systemClock,
  systemRandom,
  toHex,
} from '@farola/shared';
import test from 'ava';
import { FakeTime } from '../../fakes/fake-time.js';

test('clock qualities are numbered on the wire and found again', (t) => {
  for (const [name, number] of Object.entries(CLOCK_QUALITY)) t.is(clockQualityName(number), name as ClockQuality);
  t.is(clockQualityName(4), undefined);
});

test('a pause ends after its time, and not before', async (t) => {
  const time = new FakeTime();
  let ended = false;
  const waiting = pause(time, 1000).then(() => (ended = true));
  await time.advance(999);
  t.false(ended);
  await time.advance(1);
  await waiting;
  t.true(ended);
  t.is(time.pending, 0);
});

test('a pause that is aborted ends at once and leaves no timer', async (t) => {
  const time = new FakeTime();
  const abort = new AbortController();
  const waiting = pause(time, 1000, abort.signal);
  abort.abort();
  await waiting;
  t.is(time.pending, 0);
  await pause(time, 1000, abort.signal);
  t.is(time.pending, 0);
});

test('the monotonic clock does not go back, and the quality is asked each time', (t) => {
  let quality: ClockQuality = 'none';
  const clock = systemClock(() => quality);
  const first = clock.now();
  quality = 'rtc';
  const second = clock.now();
  t.true(second.monoMs >= first.monoMs && Number.isInteger(first.monoMs) && Number.isInteger(first.wallMs));
  t.deepEqual([first.quality, second.quality], ['none', 'rtc']);
});

test('random bytes are as many as asked, and others each time', (t) => {
  t.is(systemRandom.bytes(16).length, 16);
  t.notDeepEqual(systemRandom.bytes(16), systemRandom.bytes(16));
});

test('names are 1 to 63 of a-z, 0-9 and -, with no - at an end', (t) => {
  for (const name of ['a', '0', 'malaga-0042', 'a'.repeat(63), 'a--b']) t.true(isName(name), name);
  for (const name of ['', '-', '-a', 'a-', 'A', 'a_b', 'a.b', 'a b', 'ñ', 'a\n', 'a'.repeat(64)]) t.false(isName(name), name);
});

test('hexadecimal text is read in both cases, and nothing else is', (t) => {
  t.is(toHex(fromHex('00fFaB')), '00ffab');
  t.is(toHex(Uint8Array.of(1, 2, 3, 4).subarray(1, 3)), '0203');
  for (const bad of ['0', '0g', ' 00', '0x00']) t.throws(() => fromHex(bad), { instanceOf: RangeError });
});
