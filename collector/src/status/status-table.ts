import { type Column, counted, type ErrorCode, FarolaError, printable, textTable } from '@farola/shared';
import { ageText } from './age-text.js';
import { CONDITIONS, type ConditionCode } from './conditions.js';
import type { FleetStatus } from './fleet-status.js';
import type { StatusRow } from './status-row.js';

const COLUMNS: readonly Column[] = [
  { title: 'LCU' },
  { title: 'panel' },
  { title: 'state' },
  { title: 'verdict' },
  { title: 'for', align: 'right' },
  { title: 'late' },
  { title: 'answer', align: 'right' },
  { title: 'sample', align: 'right' },
  { title: 'up 24 h', align: 'right' },
  { title: 'clock' },
  { title: 'backlog', align: 'right' },
  { title: 'free', align: 'right' },
  { title: 'SD' },
  { title: 'code' },
  { title: 'platform' },
  { title: 'agent' },
  { title: 'also wrong' },
];

/** A status as lines: what counts at once, the table with the worst first, and what to do. @param all also LCUs that are out of service */
export function statusLines(status: FleetStatus, all = false): string[] {
  const shown = status.lcus.filter(({ level }) => all || level !== 'gone');
  const table =
    shown.length === 0
      ? []
      : [
          '',
          ...textTable(
            COLUMNS,
            shown.map((row) => cellsOf(row, status.at)),
          ),
        ];
  const todo = todoLines(status);
  return [...headLines(status), ...table, ...(todo.length === 0 ? [] : ['', ...todo])];
}

/** What is said first: whether the collector runs, how many LCUs are how, and what could not be read. */
export function headLines({ at, collector, summary, troubles }: FleetStatus): string[] {
  const { id, running, connected, lastPollAt } = collector;
  const runs = `collector ${id} runs, ${counted(connected ?? 0, 'LCU')} connected`;
  const stopped = `COLLECTOR ${id} IS STOPPED: what follows is of ${lastPollAt ?? 'before any poll'}; start it: \`systemctl start farola-collector\``;
  const { active, down, late, attention, quarantined, pending, well, invited, revoked, retired } = summary;
  const counts = `${active} active: ${down} down, ${late} late, ${quarantined} quarantined, ${pending} pending, ${attention} to look at, ${well} well`;
  const others = [`${invited} invited`, `${revoked} revoked`, `${retired} retired`].filter((text) => !text.startsWith('0 '));
  const unread = troubles.map(({ code, message, hint }) => `UNREAD ${code}: ${message}${hint === null ? '' : `; ${hint}`}`);
  return [`${at}  ${running ? runs : stopped}`, [counts, ...others].join('; '), ...unread].map(printable);
}

function cellsOf(row: StatusRow, at: string): string[] {
  const { verdict, newestSample, lastAnswer, storage, uptime24h, clock } = row;
  const sinceSeconds = verdict && verdict.code !== 'ok' ? (Date.parse(at) - Date.parse(verdict.since)) / 1_000 : null;
  return [
    row.lcu,
    row.panel,
    row.state,
    verdict?.code ?? '-',
    ageText(sinceSeconds),
    row.late ? 'late' : '',
    ageText(lastAnswer?.ageSeconds),
    ageText(newestSample?.ageSeconds),
    uptime24h.percent === null ? '-' : `${uptime24h.percent.toFixed(1)} %`,
    clock?.quality ?? '-',
    row.backlog === null ? '-' : String(row.backlog),
    storage.freeBytes === null ? '-' : sizeText(storage.freeBytes),
    cardText(storage),
    markText(row.code, row.code?.name?.split(' ').at(-1)),
    markText(row.platform),
    row.agentVersion ?? '-',
    alsoWrong(row),
  ];
}

function sizeText(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.floor(bytes / 1e6)} MB`;
}

function cardText({ readOnly, lifePercent, fileSystemErrors }: StatusRow['storage']): string {
  const parts = [
    ...(readOnly ? ['READ-ONLY'] : []),
    ...(fileSystemErrors ? [counted(fileSystemErrors, 'error')] : []),
    ...(lifePercent === null ? [] : [`${lifePercent} % used`]),
  ];
  if (parts.length > 0) return parts.join(', ');
  return readOnly === null ? '-' : 'ok';
}

function markText(told: { readonly mark: string; readonly hash: string | null } | null, name?: string): string {
  if (!told) return '-';
  return [told.hash?.slice(0, 8), told.mark, name].filter((part) => part !== undefined).join(' ');
}

/** The verdict has a column of its own. */
function alsoWrong({ conditions }: StatusRow): string {
  const others = conditions.filter(({ code }) => code !== 'down' && code !== 'late');
  return others.map(({ code, detail }) => (detail === null ? code : `${code}: ${detail}`)).join('; ');
}

/** What is wrong anywhere, the gravest first, with how many it concerns and what to do. */
function todoLines({ lcus }: FleetStatus): string[] {
  const lines: string[] = [];
  for (const code of Object.keys(CONDITIONS) as ConditionCode[]) {
    const found = lcus.flatMap(({ lcu, conditions }) =>
      conditions.filter((one) => one.code === code).map((one) => ({ lcu, ...one })),
    );
    const kinds = code === 'down' ? [...new Set(found.map(({ detail }) => detail))] : [null];
    for (const kind of kinds) {
      const of = found.filter(({ detail }) => kind === null || detail === kind);
      const names = [...new Set(of.map(({ lcu }) => lcu))];
      const [first] = names;
      if (first === undefined) continue;
      const whom = names.length === 1 ? first : `${first} and ${names.length - 1} more`;
      const todo = kind === null ? CONDITIONS[code].todo : (hintOf(kind as ErrorCode) ?? 'see docs/operations.md');
      lines.push(printable(`${kind ?? code} (${whom}): ${todo}`));
    }
  }
  return lines;
}

/** The advice of the error table; undefined where there is none that fits without more facts. */
export function hintOf(code: ErrorCode): string | undefined {
  const { hint } = new FarolaError(code, { lcu: 'LCU' });
  return hint?.includes('{') ? undefined : hint;
}
