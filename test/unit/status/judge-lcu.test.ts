import test from 'ava';
import { CONDITIONS, type ConditionCode } from '@farola/collector/status/conditions.js';
import { isLate, judgeLcu } from '@farola/collector/status/judge-lcu.js';
import type { FleetContext, LcuFacts } from '@farola/collector/status/lcu-facts.js';
import { statusRow } from '@farola/collector/status/status-row.js';
import { HEALTH } from '@farola/shared';
import { CONTEXT, contact, facts, NOW_MS, ROUND_MS, told } from '../../fakes/status-facts.js';
import { testLcu } from '../../fakes/test-collector.js';

const HOUR_MS = 3_600_000;
const quarantined: LcuFacts['lcu'] = {
  ...testLcu('quarantined'),
  standing: { decision: 'quarantined', atMs: NOW_MS - HOUR_MS, reason: 'chain-fork', by: 'collector' },
};
const released: LcuFacts['lcu'] = {
  ...testLcu('active'),
  standing: { decision: 'released', atMs: NOW_MS - HOUR_MS, reason: 'inspected', by: 'ana' },
};
const gone = [{ lcuNo: 0, fromMs: NOW_MS - 6 * ROUND_MS, roundMs: ROUND_MS, rounds: 6, outcome: 'lcu-not-connected' as const }];
const health = (key: keyof typeof HEALTH, value: number): Partial<LcuFacts> => ({
  told: told({ health: new Map([[HEALTH[key], value]]) }),
});
const NEWEST = { status: 'complete', periodS: 60 } as const;
const hash = '02'.repeat(32);

interface Case {
  readonly what: string;
  readonly change: Partial<LcuFacts>;
  readonly context?: Partial<FleetContext>;
  /** `code`, `code: detail`, and `since minutes` where it is known. */
  readonly found: readonly string[];
}

const CASES: readonly Case[] = [
  { what: 'an LCU that answers and measures', change: {}, found: [] },
  {
    what: 'an LCU that is not connected since six rounds',
    change: { runs: gone, contact: contact({ lastAtMs: NOW_MS - 7 * ROUND_MS, lastGoodAtMs: NOW_MS - 7 * ROUND_MS }) },
    found: ['down: lcu-not-connected since 30'],
  },
  {
    what: 'an LCU whose last answer was refused',
    change: { contact: contact({ verdict: 'signature-invalid' }) },
    found: ['down: signature-invalid since 1'],
  },
  {
    what: 'an LCU that was approved and never came',
    change: {
      contact: undefined,
      runs: [],
      lcu: { ...testLcu('active'), key: { ...testLcu('active').key!, fromMs: NOW_MS - HOUR_MS } },
    },
    found: ['never-answered since 60'],
  },
  {
    what: 'an LCU that was approved a minute ago',
    change: {
      contact: undefined,
      runs: [],
      lcu: { ...testLcu('active'), key: { ...testLcu('active').key!, fromMs: NOW_MS - 60_000 } },
    },
    found: ['awaited since 1'],
  },
  {
    what: 'an LCU that was polled an hour ago, of a collector that began a minute ago',
    change: { runs: [], contact: contact({ lastAtMs: NOW_MS - HOUR_MS, lastGoodAtMs: NOW_MS - HOUR_MS }) },
    context: { begunMs: NOW_MS - 60_000 },
    found: ['awaited since 1'],
  },
  {
    what: 'the same after two minutes',
    change: { runs: [], contact: contact({ lastAtMs: NOW_MS - HOUR_MS, lastGoodAtMs: NOW_MS - HOUR_MS }) },
    context: { begunMs: NOW_MS - 120_000 },
    found: ['late since 60'],
  },
  {
    what: 'an LCU that was not polled for two rounds and more',
    change: { runs: [], contact: contact({ lastAtMs: NOW_MS - 11 * 60_000, lastGoodAtMs: NOW_MS - 11 * 60_000 }) },
    found: ['late since 11'],
  },
  {
    what: 'the same while the collector is stopped since then',
    change: { runs: [], contact: contact({ lastAtMs: NOW_MS - 11 * 60_000, lastGoodAtMs: NOW_MS - 11 * 60_000 }) },
    context: { asOfMs: NOW_MS - 11 * 60_000 },
    found: [],
  },
  { what: 'an LCU whose last contact lost its age', change: { contactAgeLost: true }, found: ['late since 1'] },
  {
    what: 'an LCU that was released, and whose agent runs since before, however old its newest sample that counts is',
    change: { lcu: released, awaitsRestart: true, newestSample: { ...NEWEST, atMs: NOW_MS - 9 * HOUR_MS } },
    found: ['counts-after-restart since 60'],
  },
  {
    what: 'an LCU in quarantine for hours',
    change: { lcu: quarantined, newestSample: { ...NEWEST, atMs: NOW_MS - 9 * HOUR_MS } },
    found: ['quarantined: chain-fork (collector) since 60'],
  },
  { what: 'an LCU that was released and whose agent began anew', change: { lcu: released }, found: [] },
  { what: 'an LCU in quarantine', change: { lcu: quarantined }, found: ['quarantined: chain-fork (collector) since 60'] },
  {
    what: 'a key that waits',
    change: { lcu: testLcu('pending'), contact: undefined, runs: [] },
    found: [`pending since ${NOW_MS / 60_000}`],
  },
  { what: 'an LCU that is invited', change: { lcu: testLcu('invited'), contact: undefined, runs: [] }, found: [] },
  { what: 'an LCU that is retired and silent', change: { lcu: testLcu('retired'), runs: gone }, found: [] },
  { what: 'a disk that takes no writes', change: health('readOnly', 1), found: ['storage-read-only'] },
  { what: 'a disk that takes writes', change: health('readOnly', 0), found: [] },
  { what: 'a file system with an error', change: health('fileSystemErrors', 1), found: ['storage-errors: 1'] },
  { what: 'an eMMC at its nine tenths', change: health('storageLifePercent', 90), found: ['storage-worn: 90 %'] },
  { what: 'an eMMC before that', change: health('storageLifePercent', 80), found: [] },
  { what: 'a disk with 199 MB', change: health('diskFreeBytes', 199_999_999), found: ['storage-low: 199 MB'] },
  { what: 'a disk with 200 MB', change: health('diskFreeBytes', 200_000_000), found: [] },
  { what: 'a thousand entries and one', change: health('backlog', 1_001), found: ['backlog: 1001'] },
  { what: 'a thousand entries', change: health('backlog', 1_000), found: [] },
  {
    what: 'entries that it lists and does not deliver',
    change: { withheld: { from: 1, to: 44, sinceMs: NOW_MS - HOUR_MS } },
    found: ['entries-withheld: 1 to 44 since 60'],
  },
  {
    what: 'an analyser without an answer',
    change: { failing: [{ analyser: 'mains', status: 'timeout' }] },
    found: ['meter-failing: mains timeout'],
  },
  {
    what: 'an analyser at whose place another device answers',
    change: { failing: [{ analyser: 'mains', status: 'other-meter' }] },
    found: ['meter-mismatch: mains'],
  },
  {
    what: 'a newest sample of a period and two rounds before the answer',
    change: { newestSample: { ...NEWEST, atMs: NOW_MS - 60_000 - 60_000 - 2 * ROUND_MS - 1 } },
    found: ['samples-stale since 12'],
  },
  {
    what: 'one that is not older than that',
    change: { newestSample: { ...NEWEST, atMs: NOW_MS - 60_000 - 60_000 - 2 * ROUND_MS } },
    found: [],
  },
  {
    what: 'one of an hour, of an agent that samples each hour',
    change: { newestSample: { ...NEWEST, atMs: NOW_MS - HOUR_MS, periodS: 3_600 } },
    found: [],
  },
  {
    what: 'one of an hour, of an agent that has not told how often it samples',
    change: { newestSample: { ...NEWEST, atMs: NOW_MS - HOUR_MS, periodS: null } },
    found: [],
  },
  {
    what: 'a clock that was never set, however far off',
    change: { told: told({ clock: 'none', wallMs: 0 }) },
    found: ['clock-unset'],
  },
  {
    what: 'a clock six minutes behind',
    change: { told: told({ wallMs: NOW_MS - 60_000 - 360_000 }) },
    found: ['clock-off: -360 s'],
  },
  { what: 'code that is revoked', change: { code: { mark: 'revoked', reason: 'hole', hash } }, found: ['code-revoked: hole'] },
  {
    what: 'revoked code whose answers are refused already',
    change: { contact: contact({ verdict: 'code-revoked' }), code: { mark: 'revoked', reason: 'a hole', hash } },
    found: ['down: code-revoked since 1'],
  },
  { what: 'code that nobody approved', change: { code: { mark: 'unknown', hash } }, found: ['code-unknown'] },
  { what: 'code that is not measured', change: { code: { mark: 'unmeasured', hash: null } }, found: ['code-unmeasured'] },
  {
    what: 'unknown code where there are no release keys',
    change: { code: { mark: 'unknown', hash } },
    context: { usesReleases: false },
    found: [],
  },
  {
    what: 'a platform that was revoked',
    change: { platform: { mark: 'revoked', reason: 'old node', hash } },
    found: ['platform-revoked: old node'],
  },
  { what: 'a platform that nobody approved', change: { platform: { mark: 'unknown', hash } }, found: ['platform-unknown'] },
  {
    what: 'an unknown platform where none was ever judged',
    change: { platform: { mark: 'unknown', hash } },
    context: { usesPlatforms: false },
    found: [],
  },
];

function found({ change, context }: Case): string[] {
  return judgeLcu(facts(change), { ...CONTEXT, ...context }).map(({ code, sinceMs, detail }) => {
    const since = sinceMs === null ? '' : ` since ${Math.floor((NOW_MS - sinceMs) / 60_000)}`;
    return `${code}${detail === null ? '' : `: ${detail}`}${since}`;
  });
}

for (const one of CASES) {
  test(`${one.what}: ${one.found.join(', ') || 'nothing is wrong'}`, (t) => {
    t.deepEqual(found(one), one.found);
  });
}

test('every condition is found in some case', (t) => {
  const seen = new Set(CASES.flatMap((one) => found(one)).map((text) => text.replace(/[ :].*$/s, '')));
  t.deepEqual([...seen].toSorted(), Object.keys(CONDITIONS).toSorted());
});

test('conditions come as the table orders them, the gravest first', (t) => {
  const all = facts({
    lcu: quarantined,
    runs: gone,
    contact: contact({ lastAtMs: NOW_MS - 7 * ROUND_MS, lastGoodAtMs: NOW_MS - 7 * ROUND_MS }),
    failing: [{ analyser: 'mains', status: 'timeout' }],
    told: told({ clock: 'none', health: new Map([[HEALTH.readOnly, 1]]) }),
    code: { mark: 'revoked', reason: 'hole', hash },
    platform: { mark: 'unknown', hash },
  });
  const order = Object.keys(CONDITIONS) as ConditionCode[];
  const codes = statusRow(all, CONTEXT).conditions.map(({ code }) => code);
  t.deepEqual(
    codes,
    codes.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)),
  );
  t.is(codes.length, 7);
});

test('an LCU in service is late beyond two rounds without a verified answer, and not at two', (t) => {
  const at = (ms: number): boolean => isLate(facts({ contact: contact({ lastGoodAtMs: NOW_MS - ms }) }), CONTEXT);
  t.deepEqual([at(2 * ROUND_MS), at(2 * ROUND_MS + 1)], [false, true]);
  t.true(isLate(facts({ contact: undefined }), CONTEXT));
});

test('a row says all that is known, and leaves out nothing that is not', (t) => {
  const row = statusRow(facts(), CONTEXT);
  t.like(row, { level: 'well', late: false, agentVersion: '0.1.0', conditions: [] });
  t.deepEqual(row.storage, { freeBytes: null, readOnly: null, lifePercent: null, fileSystemErrors: null });
  t.deepEqual(row.newestSample, { at: '2026-11-23T02:58:30.000Z', ageSeconds: 90, stale: false, status: 'complete' });
  t.is(statusRow(facts({ newestSample: { ...NEWEST, atMs: null } }), CONTEXT).newestSample?.stale, true);
  const undelivered = statusRow(
    facts({
      lcu: testLcu('invited'),
      contact: undefined,
      runs: [],
      told: undefined,
      newestSample: undefined,
      code: undefined,
      platform: undefined,
    }),
    CONTEXT,
  );
  t.like(undelivered, {
    level: 'waiting',
    verdict: null,
    late: false,
    lastAnswer: null,
    newestSample: null,
    clock: null,
    code: null,
  });
});
