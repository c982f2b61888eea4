import { meterLines } from '@farola/agent/cli/status-meter.js';
import type { MeterStatus } from '@farola/agent/status/run-status.js';
import test from 'ava';

type Settings = MeterStatus['analysers'][number]['settings'];

const NOW_MS = Date.UTC(2026, 10, 23);

/** The line of an analyser whose newest sample is this old. @param periods of its groups, seconds */
function analyserLine(ageS: number, ...periods: readonly number[]): string {
  return shownLine(ageS, periods, []);
}

function shownLine(ageS: number, periods: readonly number[], settings: Settings): string {
  const atMs = NOW_MS - ageS * 1_000;
  const groups = periods.map((periodS) => ({ periodS, quantities: 2, status: 'complete', atMs, skipped: 0 }));
  const analyser = { id: 'mains', line: 'one', status: 'complete', atMs, failingSinceMs: null, code: null, groups };
  const meter: MeterStatus = {
    lines: [],
    analysers: [{ ...analyser, device: null, mismatch: null, settings, flags: [] }],
    units: [],
  };
  return meterLines(meter, NOW_MS).flat().join(': ');
}

test('an analyser whose samples no longer come is not shown as if it were well', (t) => {
  t.true(analyserLine(150, 60, 900).startsWith('analyser mains: complete, newest sample 150 s ago; '));
  t.true(analyserLine(211, 60, 900).startsWith('analyser mains: complete, BUT newest sample 211 s ago; '));
  t.true(analyserLine(93, 1).startsWith('analyser mains: complete, BUT newest sample 93 s ago; '));
});

test('a clock that went back makes no sample older than now', (t) => {
  t.true(analyserLine(-5, 60).startsWith('analyser mains: complete, newest sample 0 s ago; '));
});

test('which setting of a device changed, from what to what, and which is not as it is configured', (t) => {
  const atMs = NOW_MS - 60_000;
  const changed = { setting: 'ctPrimary', before: '100', now: '250', isConfigured: false, atMs };
  const differs = { setting: 'ctRatio', before: '100/5', now: '250/5', isConfigured: true, atMs };
  t.regex(
    shownLine(10, [60], [changed, differs]),
    /; ctPrimary of the device was 100, and is 250 since 2026-11-22T23:59:00Z; ctRatio of the device is 250\/5, and 100\/5 is configured$/,
  );
});
