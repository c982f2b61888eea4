import test from 'ava';
import { ageText } from '@farola/collector/status/age-text.js';
import { fleetStatus, type FleetFacts } from '@farola/collector/status/fleet-status.js';
import { frame } from '@farola/collector/status/frame.js';
import type { LcuFacts } from '@farola/collector/status/lcu-facts.js';
import { detailLines } from '@farola/collector/status/status-details.js';
import { statusLines } from '@farola/collector/status/status-table.js';
import { FarolaError, HEALTH } from '@farola/shared';
import { CONTEXT, contact, facts, NOW_MS, ROUND_MS, told } from '../../fakes/status-facts.js';
import { testLcu } from '../../fakes/test-collector.js';

const away = (rounds: number): Partial<LcuFacts> => ({
  runs: [{ lcuNo: 0, fromMs: NOW_MS - rounds * ROUND_MS, roundMs: ROUND_MS, rounds, outcome: 'lcu-not-connected' }],
  contact: contact({ lastAtMs: NOW_MS - (rounds + 1) * ROUND_MS, lastGoodAtMs: NOW_MS - (rounds + 1) * ROUND_MS }),
});
const named = (lcuId: string, change: Partial<LcuFacts> = {}, state: LcuFacts['lcu']['state'] = 'active'): LcuFacts =>
  facts({ ...change, lcu: testLcu(state, 2, lcuId) });

const FLEET: readonly LcuFacts[] = [
  named('a-well'),
  named('b-worn', { told: told({ health: new Map([[HEALTH.storageLifePercent, 90]]) }) }),
  named('c-away', away(6)),
  named('d-pending', { contact: undefined, runs: [], told: undefined }, 'pending'),
  named('e-longer-away', away(12)),
  named('f-retired', away(12), 'retired'),
  named('g-invited', { contact: undefined, runs: [], told: undefined }, 'invited'),
];

function status(change: Partial<FleetFacts> = {}) {
  const collector = { collectorId: 'malaga', version: '0.1.0', running: true, connectedCount: 2, notStored: null };
  return fleetStatus({ collector, lcus: FLEET, context: CONTEXT, unread: [], ...change });
}

test('the worst comes first: what is down, the longest first, then what needs a look, then the rest', (t) => {
  const order = status().lcus.map(({ lcuId }) => lcuId);
  t.deepEqual(order, ['e-longer-away', 'c-away', 'b-worn', 'd-pending', 'g-invited', 'a-well', 'f-retired']);
});

test('the summary counts states, which add up, and how their LCUs are', (t) => {
  const { summary } = status();
  const { lcuCount, active, quarantined, pending, invited, revoked, retired, ...levels } = summary;
  t.is(active + quarantined + pending + invited + revoked + retired, lcuCount);
  t.deepEqual([active, pending, invited, retired], [4, 1, 1, 1]);
  t.deepEqual(levels, { down: 2, late: 2, attention: 2, well: 1 });
});

test('a stopped collector is said first, and nothing is late for that', (t) => {
  const [first = '', second = ''] = statusLines(
    status({
      collector: { collectorId: 'malaga', version: '0.1.0', running: false, connectedCount: null, notStored: null },
      lcus: [named('a-well', { contact: contact({ lastAtMs: NOW_MS - 3_600_000, lastGoodAtMs: NOW_MS - 3_600_000 }), runs: [] })],
    }),
  );
  t.regex(first, /COLLECTOR malaga IS STOPPED: what follows is of 2026-11-23T02:00:00Z; start it/);
  t.regex(second, /1 active: 0 down, 0 late, .* 1 well/);
});

test('what could not be read is told, each once', (t) => {
  const broken = new FarolaError('ledger-corrupt', { path: '/x/2026-11.db', reason: 'page 7' });
  const lines = statusLines(status({ unread: [broken, broken] }));
  t.is(lines.filter((line) => line.startsWith('UNREAD ledger-corrupt: ')).length, 1);
});

test('the table says what to do about each thing that is wrong, once, for so many', (t) => {
  const text = statusLines(status()).join('\n');
  t.regex(text, /\nlcu-not-connected \(e-longer-away and 1 more\): .*farola-agent status/);
  t.regex(text, /\nstorage-worn \(b-worn\): plan to replace the board/);
  t.notRegex(text, /f-retired/);
  t.regex(statusLines(status(), true).join('\n'), /f-retired/);
});

const WORST: LcuFacts = {
  ...facts(away(6)),
  lcu: {
    ...testLcu('quarantined', 2, 'malaga-0042'),
    standing: { decision: 'quarantined', atMs: NOW_MS, reason: 'a reason of many words that a person gave for it', by: 'ana' },
  },
};

for (const width of [60, 80, 130]) {
  test(`on a terminal of ${width} columns no line is cut, and what is wrong and what to do is there`, (t) => {
    const told = status({ lcus: [WORST, ...FLEET] });
    const lines = statusLines(told, false, width);
    t.deepEqual(
      lines.filter((line) => line.length > width),
      [],
    );
    const flat = lines.join(' ').replaceAll(/\s+/g, ' ');
    for (const line of statusLines(told).filter((one) => /^(\S+ \(|\d+ active)/.test(one))) t.true(flat.includes(line), line);
    const row = lines.find((line) => line.startsWith('malaga-0042 ')) ?? '';
    t.regex(row, /^malaga-0042 .*lcu-not-connected +30m +quarantined/);
    for (const line of detailLines(status({ lcus: [WORST] }), width)) t.true(line.length <= width, line);
  });
}

test('where there is no terminal every column is there', (t) => {
  const titles = statusLines(status()).find((line) => line.startsWith('LCU '));
  t.deepEqual(titles?.split(/ {2,}| (?=up)/), [
    ...['LCU', 'panel', 'state', 'verdict', 'for', 'also wrong', 'late', 'answer', 'sample', 'up 24 h'],
    ...['clock', 'backlog', 'free', 'SD', 'code', 'platform', 'agent'],
  ]);
});

test('what an LCU or a person wrote cannot move the cursor', (t) => {
  const evil = named('a-evil', { failing: [{ analyser: '\u001b[2J', status: 'timeout' }], agentVersion: '\u001b[31m' });
  for (const lines of [statusLines(status({ lcus: [evil] })), detailLines(status({ lcus: [evil] }))])
    t.false(lines.join('').includes('\u001b'));
});

test('the details of one LCU say what is wrong, since when, and what to do', (t) => {
  const text = detailLines(status({ lcus: [named('c-away', away(6))] })).join('\n');
  t.regex(text, /c-away: down\n {2}down: lcu-not-connected, since 2026-11-23T02:30:00Z\n {4}\S/);
  t.regex(text, /\nlast answer +2026-11-23T02:25:00Z, 35m ago, late\n/);
});

for (const [seconds, text] of [
  [0, '0s'],
  [59.9, '59s'],
  [60, '1m'],
  [3_599, '59m'],
  [3_600, '1h'],
  [12_000, '3h20m'],
  [86_400, '1d'],
  [363_600, '4d5h'],
  [null, '-'],
] as const) {
  test(`an age of ${seconds} seconds is ${text}`, (t) => t.is(ageText(seconds), text));
}

test('a frame is cut to the screen, in width and height, and says what is left out', (t) => {
  const drawn = frame(['one is long', 'two', 'three', 'four'], { columns: 3, rows: 4 });
  t.is(drawn, '\u001b[Hone\u001b[K\ntwo\u001b[K\n...\u001b[K\n\u001b[J');
  t.true(frame(['one', 'two'], { columns: 80, rows: 24 }).includes('two\u001b[K'));
  t.regex(frame(['1', '2', '3', '4'], { columns: 80, rows: 4 }), /1\S+\s+2\S+\s+\.\.\. and 2 lines more/);
});
