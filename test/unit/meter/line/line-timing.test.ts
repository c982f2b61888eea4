import type { LineConfig } from '@farola/agent/config.js';
import { byteMsOf, timingOf, unitTimingOf } from '@farola/agent/meter/line/line-timing.js';
import { LineUnit } from '@farola/agent/meter/line/line-unit.js';
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
  worstLatenessMs: 10_000,
};
const tcp: LineConfig = { id: 'gate', transport: 'rtu-over-tcp', host: 'h', port: 1, timeoutMs: 1_000, worstLatenessMs: 10_000 };

test('counts start, data, parity and stop bits', (t) => {
  t.is(byteMsOf({ ...rtu, baud: 1_000 }), 10);
  t.is(byteMsOf({ ...rtu, baud: 1_000, parity: 'even' }), 11);
  t.is(byteMsOf({ ...rtu, baud: 1_000, stopBits: 2 }), 11);
  t.is(byteMsOf(tcp), 0);
});

test('leaves 3.5 characters of silence, and 1.75 ms on fast lines', (t) => {
  t.is(timingOf({ ...rtu, baud: 1_000 }).gapMs, 35);
  t.is(timingOf({ ...rtu, baud: 19_200, parity: 'even' }).gapMs, 3.5 * (11_000 / 19_200));
  t.is(timingOf({ ...rtu, baud: 115_200 }).gapMs, 1.75);
  t.is(timingOf(tcp).gapMs, 0);
});

test('leaves more silence on a change of unit where that is told, and never less', (t) => {
  t.is(timingOf(rtu).unitGapMs, timingOf(rtu).gapMs);
  t.is(timingOf({ ...rtu, unitGapMs: 200 }).unitGapMs, 200);
  t.is(timingOf({ ...rtu, gapMs: 50, unitGapMs: 20 }).unitGapMs, 50);
});

test('leaves each model the time that its profile says, unless the line is told otherwise', (t) => {
  t.deepEqual(unitTimingOf(rtu, { minGapMs: 100, timeoutMs: { least: 500 } }), { minGapMs: 100, leastMs: 500 });
  t.is(unitTimingOf({ ...rtu, gapMs: 7 }, { minGapMs: 100, timeoutMs: {} }).minGapMs, 7);
});

test('waits no longer than a model can take, and what an adapter adds, but only where no network adds more', (t) => {
  const profile = { minGapMs: 0, timeoutMs: { least: 50, most: 500 } };
  t.is(unitTimingOf(rtu, profile).mostMs, 600);
  t.is(new LineUnit(unitTimingOf(rtu, profile), 1_000).answerTime.timeoutMs, 600);
  t.is(new LineUnit(unitTimingOf(rtu, profile), 300).answerTime.timeoutMs, 300);
  t.is(unitTimingOf(tcp, profile).mostMs, undefined);
});
