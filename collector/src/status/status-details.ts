import { counted, type ErrorCode, printable, wrapWords } from '@farola/shared';
import { ageText } from './age-text.js';
import type { FleetStatus } from './fleet-status.js';
import type { StatusRow } from './status-row.js';
import { asItIs, firstLine, headLines, hintOf, INDENT, type Naming } from './status-table.js';
import { timeText } from './time-text.js';
import { trialText } from './trial-text.js';

/** Characters of a name and the blanks behind it. */
const NAME_WIDTH = 18;
/** Of what no answer has said yet. */
const NOT_TOLD = 'not told yet';

/** The status of one LCU as lines: what is wrong, since when and what to do, then everything that is known. */
export function detailLines(status: FleetStatus, width?: number, naming: Naming = asItIs): string[] {
  const [row] = status.lcus;
  if (!row) return headLines(status, width, naming);
  const known = [...knownOf(row), ...configurationOf(status)].map(([name, value]) =>
    printable(`${name.padEnd(NAME_WIDTH)}${value}`),
  );
  return [
    ...wrapWords(firstLine(status), width, INDENT),
    '',
    ...wrongLines(row).flatMap((line) => wrapWords(naming(line), width, 2 * INDENT)),
    '',
    ...known.flatMap((line) => wrapWords(line, width, NAME_WIDTH)),
  ];
}

function configurationOf({ configuration, at }: Pick<FleetStatus, 'configuration' | 'at'>): [string, string][] {
  if (!configuration) return [];
  const { sequence, state, since, trialEndsAt, waitsForSequence } = configuration;
  const trial = trialText({ untilMs: trialEndsAt === null ? null : Date.parse(trialEndsAt) }, Date.parse(at));
  const behind = waitsForSequence === null ? '' : `, where ${waitsForSequence} is ${trial}`;
  const stands = state === 'waits' ? `waits for the LCU${behind}` : `is ${trial}`;
  return [['configuration', `${sequence}, sent ${timeText(since)}, ${stands}`]];
}

function wrongLines({ lcuId, level, conditions }: StatusRow): string[] {
  if (conditions.length === 0) return [`${lcuId}: ${level}`];
  const lines = conditions.flatMap(({ code, since, detail, why, hint }) => {
    const exactly = detail === null ? '' : `: ${detail}`;
    const advice = code === 'down' && detail !== null ? (hintOf(detail as ErrorCode, lcuId) ?? 'see docs/operations.md') : hint;
    const found = why === null ? [] : [`    ${why}`];
    return [`  ${code}${exactly}${since === null ? '' : `, since ${timeText(since)}`}`, ...found, `    ${advice}`];
  });
  return [`${lcuId}: ${level}`, ...lines].map(printable);
}

function knownOf(row: StatusRow): [string, string][] {
  const { verdict, lastAnswer, newestSample, clock, code, platform, storage, uptime24h: up } = row;
  return [
    ['panel', row.panel],
    ['state', `${row.state}, ${row.assurance}`],
    ['verdict', verdict ? `${verdict.code} at ${timeText(verdict.at)}` : '-'],
    [
      'last answer',
      lastAnswer ? `${timeText(lastAnswer.at)}, ${ageText(lastAnswer.ageSeconds)} ago${row.late ? ', late' : ''}` : '-',
    ],
    ['newest sample', newestSample ? sampleText(newestSample) + (countsNow(row) ? '' : ', the newest that counts') : '-'],
    ['clock', clock ? `${clock.quality ?? 'unknown'}, ${aheadText(clock.aheadSeconds)}` : '-'],
    ['up 24 h', upText(up)],
    ['agent', row.agentUptimeSeconds === null ? (row.agentVersion ?? NOT_TOLD) : agentText(row)],
    ['code', code ? [code.mark, code.name, code.codeHash].filter((part) => part !== null).join(' ') : '-'],
    ['platform', platform ? [platform.mark, platform.platformHash].filter((part) => part !== null).join(' ') : '-'],
    ['backlog', row.backlog === null ? NOT_TOLD : backlogText(row.backlog, row.journalBytes)],
    ['storage', storage.freeBytes === null && storage.readOnly === null ? NOT_TOLD : storageText(storage)],
  ];
}

/** Else what arrives is stored, and is not the newest sample that is told. */
function countsNow({ state, conditions }: StatusRow): boolean {
  return state !== 'quarantined' && conditions.every(({ code }) => code !== 'counts-after-restart');
}

function upText({
  uptimePercent: percent,
  roundsUp: up,
  roundsDown: down,
  roundsUnknown: unknown,
}: StatusRow['uptime24h']): string {
  const known = percent === null ? 'no round is known yet' : `${percent} %: ${counted(up, 'round')} up, ${down} down`;
  return unknown === 0 ? known : `${known}, ${unknown} unknown`;
}

function agentText({ agentVersion, agentUptimeSeconds }: StatusRow): string {
  return `${agentVersion ?? 'of a version not told yet'}, running for ${ageText(agentUptimeSeconds)}`;
}

function backlogText(backlog: number, journalBytes: number | null): string {
  const entries = counted(backlog, 'entry', 'entries');
  return journalBytes === null ? entries : `${entries}, journal of ${journalBytes} bytes`;
}

function sampleText({ at, ageSeconds, stale, status }: NonNullable<StatusRow['newestSample']>): string {
  return `${at === null ? 'before the clock went back' : timeText(at)}, ${ageText(ageSeconds)} ago, ${status}${stale ? ', stale' : ''}`;
}

function storageText({ freeBytes, readOnly, lifePercent, fileSystemErrors }: StatusRow['storage']): string {
  const told = (value: number | null, unit: string): string => (value === null ? `${unit}: not told` : `${unit}: ${value}`);
  const writes = readOnly === null ? 'not told whether it takes writes' : readOnly ? 'READ-ONLY' : 'takes writes';
  const free = freeBytes === null ? 'free space not told' : `${Math.floor(freeBytes / 1e6)} MB free`;
  return [free, writes, told(fileSystemErrors, 'errors'), told(lifePercent, 'percent of life used')].join(', ');
}

/** `3 s ahead`, `3 s behind`. */
function aheadText(seconds: number): string {
  return seconds < 0 ? `${-seconds} s behind` : `${seconds} s ahead`;
}
