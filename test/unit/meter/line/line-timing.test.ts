import type { LineConfig } from '@farola/agent/config.js';
import { byteMsOf, gapMsOf } from '@farola/agent/meter/line/line-timing.js';
import test from 'ava';

const rtu: Extract<LineConfig, { transport: 'rtu' }> = {
  id: 'main',
  transport: 'rtu',
  path: '/dev/x',
  baud: 9_600,
  parity: 'none',
  dataBits: 8,
  stopBits: 1,
  timeoutMs: 1_000,
};
const tcp: LineConfig = { id: 'gate', transport: 'rtu-over-tcp', host: 'h', port: 1, timeoutMs: 1_000 };

test('counts start, data, parity and stop bits', (t) => {
  t.is(byteMsOf({ ...rtu, baud: 1_000 }), 10);
  t.is(byteMsOf({ ...rtu, baud: 1_000, parity: 'even' }), 11);
  t.is(byteMsOf({ ...rtu, baud: 1_000, stopBits: 2 }), 11);
  t.is(byteMsOf(tcp), 0);
});

test('leaves 3.5 characters of silence, and 1.75 ms on fast lines', (t) => {
  t.is(gapMsOf(rtu, []), 4);
  t.is(gapMsOf({ ...rtu, baud: 1_200 }, []), 30);
  t.is(gapMsOf({ ...rtu, baud: 115_200 }, []), 2);
  t.is(gapMsOf(tcp, []), 0);
});

test('leaves the slowest model on the line its time', (t) => {
  t.is(gapMsOf(rtu, [{ minGapMs: 0 }, { minGapMs: 100 }]), 100);
  t.is(gapMsOf(tcp, [{ minGapMs: 100 }]), 100);
});

test('does what the configuration says', (t) => {
  t.is(gapMsOf({ ...rtu, gapMs: 7 }, [{ minGapMs: 100 }]), 7);
});
