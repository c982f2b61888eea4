import { Redial } from '@farola/agent/link/redial.js';
import test from 'ava';

const ALMOST_ONE = { bytes: (length: number) => new Uint8Array(length).fill(255) };
const ZERO = { bytes: (length: number) => new Uint8Array(length) };
const BOUNDS = { minMs: 1_000, maxMs: 60_000 };

test('the bound of the wait doubles with each failure up to the longest', (t) => {
  const redial = new Redial(BOUNDS, ALMOST_ONE);
  const waits = Array.from({ length: 8 }, () => redial.nextDelayMs('closed with 1006'));
  t.deepEqual(waits, [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
});

test('the wait is anything from nothing to the bound', (t) => {
  const redial = new Redial(BOUNDS, ZERO);
  t.deepEqual([redial.nextDelayMs(''), redial.nextDelayMs('')], [0, 0]);
});

test('an answered poll begins anew', (t) => {
  const redial = new Redial(BOUNDS, ALMOST_ONE);
  for (let i = 0; i < 5; i++) redial.nextDelayMs('');
  redial.reset();
  t.is(redial.nextDelayMs(''), 1_000);
});

for (const reason of ['lcu-pending', 'key-unknown', 'lcu-revoked', 'pin-mismatch', 'certificate-invalid', 'version-unknown']) {
  test(`${reason} waits in the upper half from the first time on`, (t) => {
    t.is(new Redial(BOUNDS, ZERO).nextDelayMs(reason), 30_000);
    t.is(new Redial(BOUNDS, ALMOST_ONE).nextDelayMs(reason), 60_000);
  });
}

test('after a close in order the first wait is anything up to half a minute, and no more than half the longest', (t) => {
  t.is(new Redial(BOUNDS, ALMOST_ONE).nextDelayMs('shutting-down', true), 30_000);
  t.is(new Redial(BOUNDS, ZERO).nextDelayMs('shutting-down', true), 0);
  t.is(new Redial({ minMs: 100, maxMs: 1_000 }, ALMOST_ONE).nextDelayMs('closed with 1000', true), 500);
});

test('it never overflows', (t) => {
  const redial = new Redial(BOUNDS, ALMOST_ONE);
  for (let i = 0; i < 5_000; i++) redial.nextDelayMs('');
  t.is(redial.nextDelayMs(''), 60_000);
});
