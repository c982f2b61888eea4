import test from 'ava';
import fc from 'fast-check';
import { endOf, type OutcomeRun } from '@farola/collector/uptime/outcome-run.js';
import { coveragePercent, downReasons, reportUptime, type Span, uptimePercent } from '@farola/collector/uptime/uptime-report.js';
import { runs as times } from '../shared/runs.js';

const ROUND = 300_000;
const ALWAYS: readonly Span[] = [{ fromMs: 0, toMs: Infinity }];

/** What a round came to; null: nobody saw it. */
type Seen = OutcomeRun['outcome'] | null;

/** Runs as a book writes them of one round after the other. */
function runsFrom(seen: readonly Seen[], offsetMs: number): OutcomeRun[] {
  const runs: OutcomeRun[] = [];
  for (const [round, outcome] of seen.entries()) {
    if (outcome === null) continue;
    const fromMs = offsetMs + round * ROUND;
    const last = runs.at(-1);
    if (last?.outcome === outcome && endOf(last) === fromMs) runs[runs.length - 1] = { ...last, rounds: last.rounds + 1 };
    else runs.push({ lcuNo: 0, fromMs, roundMs: ROUND, rounds: 1, outcome });
  }
  return runs;
}

const seenRounds = fc.array(
  fc.constantFrom<Seen>('ok', 'ok', 'ok', 'lcu-not-connected', 'answer-missing', 'signature-invalid', null),
  { minLength: 1, maxLength: 60 },
);
const offset = fc.integer({ min: 0, max: ROUND - 1 });
const moment = fc.integer({ min: 0, max: 62 * ROUND });
const span = fc.tuple(moment, moment).map(([a, b]): Span => ({ fromMs: Math.min(a, b), toMs: Math.max(a, b) }));

test('a window counts the rounds that were due in it and in service, each once', (t) => {
  fc.assert(
    fc.property(seenRounds, offset, span, span, (seen, offsetMs, window, service) => {
      const report = reportUptime({ window, runs: runsFrom(seen, offsetMs), inService: [service], roundMs: ROUND, offsetMs });
      const counts = { up: 0, down: 0, unknown: 0 };
      for (let round = 0; round < 64; round++) {
        const dueMs = offsetMs + round * ROUND;
        const isIn = [window, service].every(({ fromMs, toMs }) => fromMs <= dueMs && dueMs < toMs);
        const outcome = seen[round] ?? null;
        if (isIn) counts[outcome === null ? 'unknown' : outcome === 'ok' ? 'up' : 'down']++;
      }
      t.deepEqual({ up: report.up, down: report.down, unknown: report.unknown }, counts);
      t.is(
        report.spells.reduce((sum, { rounds }) => sum + rounds, 0),
        report.down,
      );
      for (const { code, sinceMs, untilMs } of report.spells) {
        for (let dueMs = sinceMs; dueMs < untilMs; dueMs += ROUND) t.is(seen[(dueMs - offsetMs) / ROUND], code);
      }
    }),
    times(300),
  );
});

test('a window that is cut in two counts the same in both parts together', (t) => {
  fc.assert(
    fc.property(seenRounds, offset, span, moment, (seen, offsetMs, window, at) => {
      const cutMs = Math.min(Math.max(at, window.fromMs), window.toMs);
      const runs = runsFrom(seen, offsetMs);
      const of = (part: Span): number[] => {
        const { up, down, unknown } = reportUptime({ window: part, runs, inService: ALWAYS, roundMs: ROUND, offsetMs });
        return [up, down, unknown];
      };
      const [first, second] = [of({ fromMs: window.fromMs, toMs: cutMs }), of({ fromMs: cutMs, toMs: window.toMs })];
      t.deepEqual(
        of(window),
        first.map((value, i) => value + second[i]!),
      );
    }),
    times(200),
  );
});

test('the reasons of rounds down are counted, the most first', (t) => {
  const seen: Seen[] = [
    'code-revoked',
    'ok',
    'lcu-not-connected',
    'lcu-not-connected',
    null,
    'code-revoked',
    'lcu-not-connected',
  ];
  const window = { fromMs: 0, toMs: 64 * ROUND };
  const report = reportUptime({ window, runs: runsFrom(seen, 0), inService: ALWAYS, roundMs: ROUND, offsetMs: 0 });
  t.deepEqual(downReasons(report), [
    { code: 'lcu-not-connected', rounds: 3 },
    { code: 'code-revoked', rounds: 2 },
  ]);
});

test('a percentage is never rounded up, and none is told of nothing', (t) => {
  const report = { up: 99_999, down: 1, unknown: 0, spells: [] };
  t.is(uptimePercent(report), 99.999);
  t.is(uptimePercent({ ...report, up: 9_999_999 }), 99.999);
  t.is(coveragePercent({ ...report, unknown: 300_000 }), 25);
  t.is(uptimePercent({ ...report, up: 0, down: 0, unknown: 5 }), null);
  t.is(coveragePercent({ ...report, up: 0, down: 0 }), null);
});

test('rounds of another length count as they were polled', (t) => {
  const runs: OutcomeRun[] = [
    { lcuNo: 0, fromMs: 0, roundMs: 60_000, rounds: 10, outcome: 'ok' },
    { lcuNo: 0, fromMs: 600_000, roundMs: ROUND, rounds: 2, outcome: 'answer-missing' },
  ];
  const window = { fromMs: 0, toMs: 1_800_000 };
  const { up, down, unknown } = reportUptime({ window, runs, inService: ALWAYS, roundMs: ROUND, offsetMs: 0 });
  t.deepEqual([up, down, unknown], [10, 2, 2]);
});

test('rounds of every service of an LCU are counted, and none between them: enrolled in the window, revoked, enrolled again', (t) => {
  fc.assert(
    fc.property(seenRounds, offset, span, fc.array(moment, { minLength: 4, maxLength: 4 }), (seen, offsetMs, window, at) => {
      const [a = 0, b = 0, c = 0, d = 0] = at.toSorted((one, other) => one - other);
      const inService: Span[] = [
        { fromMs: a, toMs: b },
        { fromMs: c, toMs: d },
      ];
      const report = reportUptime({ window, runs: runsFrom(seen, offsetMs), inService, roundMs: ROUND, offsetMs });
      let due = 0;
      for (let round = 0; round < 64; round++) {
        const dueMs = offsetMs + round * ROUND;
        const served = inService.some(({ fromMs, toMs }) => fromMs <= dueMs && dueMs < toMs);
        if (served && window.fromMs <= dueMs && dueMs < window.toMs) due++;
      }
      t.is(report.up + report.down + report.unknown, due, 'up, down and unknown are all rounds that were due');
      const [up, coverage] = [uptimePercent(report), coveragePercent(report)];
      t.true((up === null) === (report.up + report.down === 0) && (up ?? 0) <= 100);
      t.true((coverage === null) === (due === 0) && (coverage ?? 0) <= 100);
    }),
    times(300),
  );
});

test('days of 23 and 25 hours count the rounds that were due in them', (t) => {
  for (const [day, hours] of [
    ['2026-03-29T00:00+01:00', 23],
    ['2026-10-25T00:00+02:00', 25],
  ] as const) {
    const fromMs = Date.parse(day);
    const window = { fromMs, toMs: fromMs + hours * 3_600_000 };
    const runs: OutcomeRun[] = [{ lcuNo: 0, fromMs, roundMs: ROUND, rounds: 12 * 20, outcome: 'ok' }];
    const report = reportUptime({ window, runs, inService: ALWAYS, roundMs: ROUND, offsetMs: fromMs % ROUND });
    t.deepEqual([report.up, report.down, report.unknown], [240, 0, 12 * (hours - 20)]);
  }
});
