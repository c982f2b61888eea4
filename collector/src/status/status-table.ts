import { counted, type ErrorCode, FarolaError, printable, type Problem, textTable, wrapWords } from '@farola/shared';
import { ageText } from './age-text.js';
import { CONDITIONS, type ConditionCode } from './conditions.js';
import { fitColumns, type FittedColumn } from './fit-columns.js';
import type { FleetStatus } from './fleet-status.js';
import type { StatusRow } from './status-row.js';
import { timeText } from './time-text.js';

/** Blanks before what a narrow terminal breaks off a line. */
export const INDENT = 2;

/** A text in which commands are called as they must be here. */
export type Naming = (text: string) => string;

/** As the tables of errors and conditions name them. */
export const asItIs: Naming = (text) => text;

/** Every column, and how soon it gives way where a terminal is narrow: what is wrong, and for how long, stays. */
const COLUMNS: readonly (Omit<FittedColumn, 'cells'> & { readonly of: (row: StatusRow, at: string) => string })[] = [
  { title: 'LCU', givesWay: 0, of: ({ lcuId }) => lcuId },
  { title: 'panel', givesWay: 8, of: ({ panel }) => panel },
  { title: 'state', givesWay: 4, of: ({ state }) => state },
  { title: 'verdict', givesWay: 0, of: ({ verdict }) => verdict?.code ?? '-' },
  { title: 'for', givesWay: 0, align: 'right', of: (row, at) => ageText(badSeconds(row, at)) },
  { title: 'also wrong', givesWay: 0, cutTo: 16, of: (row) => alsoWrong(row) },
  { title: 'late', givesWay: 3, of: ({ late }) => (late ? 'late' : '') },
  { title: 'answer', givesWay: 1, align: 'right', of: ({ lastAnswer }) => ageText(lastAnswer?.ageSeconds) },
  { title: 'sample', givesWay: 2, align: 'right', of: ({ newestSample }) => ageText(newestSample?.ageSeconds) },
  {
    title: 'up 24 h',
    givesWay: 5,
    align: 'right',
    of: ({ uptime24h: { uptimePercent: up } }) => (up === null ? '-' : `${up.toFixed(1)} %`),
  },
  { title: 'clock', givesWay: 6, of: ({ clock }) => clock?.quality ?? '-' },
  { title: 'backlog', givesWay: 7, align: 'right', of: ({ backlog }) => (backlog === null ? '-' : String(backlog)) },
  {
    title: 'free',
    givesWay: 9,
    align: 'right',
    of: ({ storage: { freeBytes } }) => (freeBytes === null ? '-' : sizeText(freeBytes)),
  },
  { title: 'SD', givesWay: 10, of: ({ storage }) => cardText(storage) },
  { title: 'code', givesWay: 12, of: ({ code }) => markText(code?.codeHash, code?.mark, code?.name?.split(' ').at(-1)) },
  { title: 'platform', givesWay: 13, of: ({ platform }) => markText(platform?.platformHash, platform?.mark) },
  { title: 'agent', givesWay: 11, of: ({ agentVersion }) => agentVersion ?? '-' },
];

/**
 * A status as lines: what counts at once, the table with the worst first, and what to do.
 * @param all also LCUs that are out of service
 * @param width of the terminal: columns that have no room are left out, and other lines go on below; undefined: all in one line
 * @param naming how the commands that an advice names are to be called here
 */
export function statusLines(status: FleetStatus, all = false, width?: number, naming: Naming = asItIs): string[] {
  const shown = status.lcus.filter(({ level }) => all || level !== 'gone');
  const todo = todoLines(status).flatMap((line) => wrapWords(naming(line), width, INDENT));
  return [
    ...headLines(status, width, naming),
    ...(shown.length === 0 ? [] : ['', ...tableLines(shown, status.at, width)]),
    ...(todo.length === 0 ? [] : ['', ...todo]),
  ];
}

function tableLines(rows: readonly StatusRow[], at: string, width: number | undefined): string[] {
  const columns = COLUMNS.map(({ of, ...column }) => ({ ...column, cells: rows.map((row) => of(row, at)) }));
  const fitted = fitColumns(columns, width);
  return textTable(
    fitted,
    rows.map((_, i) => fitted.map(({ cells }) => cells[i] ?? '')),
  );
}

/** When it was, and whether the collector runs. */
export function firstLine({ at, collector }: Pick<FleetStatus, 'at' | 'collector'>): string {
  const { collectorId: id, running, connectedCount, lastPollAt } = collector;
  const runs = `collector ${id} runs, ${counted(connectedCount ?? 0, 'LCU')} connected`;
  const stopped = `COLLECTOR ${id} IS STOPPED: what follows is of ${lastPollAt === null ? 'before any poll' : timeText(lastPollAt)}; start it: \`systemctl start farola-collector\``;
  return printable(`${timeText(at)}  ${running ? runs : stopped}`);
}

/** What is said first: whether the collector runs, how many LCUs are how, and what cannot be stored, and what could not be read. */
export function headLines({ at, collector, summary, troubles }: FleetStatus, width?: number, naming: Naming = asItIs): string[] {
  const { active, down, late, attention, quarantined, pending, well, invited, revoked, retired } = summary;
  const counts = `${active} active: ${down} down, ${late} late, ${quarantined} quarantined, ${pending} pending, ${attention} to look at, ${well} well`;
  const others = [`${invited} invited`, `${revoked} revoked`, `${retired} retired`].filter((text) => !text.startsWith('0 '));
  const told = (what: string, { code, message, hint }: Problem): string =>
    `${what} ${code}: ${message}${hint === null ? '' : `; ${hint}`}`;
  const { notStored } = collector;
  const unstored = notStored === null ? [] : [told('NOTHING IS STORED', notStored)];
  const unread = troubles.map((trouble) => told('UNREAD', trouble));
  const lines = [firstLine({ at, collector }), [counts, ...others].join('; '), ...unstored, ...unread];
  return lines.flatMap((line) => wrapWords(printable(naming(line)), width, INDENT));
}

/** How long there has been no good answer; null when there is one. */
function badSeconds({ verdict }: StatusRow, at: string): number | null {
  return verdict && verdict.code !== 'ok' ? (Date.parse(at) - Date.parse(verdict.since)) / 1_000 : null;
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

function markText(hash: string | null | undefined, mark: string | undefined, name?: string): string {
  if (mark === undefined) return '-';
  return [hash?.slice(0, 8), mark, name].filter((part) => part !== undefined).join(' ');
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
    const found = lcus.flatMap(({ lcuId, conditions }) =>
      conditions.filter((one) => one.code === code).map((one) => ({ lcuId, ...one })),
    );
    const kinds = code === 'down' ? [...new Set(found.map(({ detail }) => detail))] : [null];
    for (const kind of kinds) {
      const of = found.filter(({ detail }) => kind === null || detail === kind);
      const names = [...new Set(of.map(({ lcuId }) => lcuId))];
      const [first] = names;
      const [one] = of;
      if (first === undefined || one === undefined) continue;
      const whom = names.length === 1 ? first : `${first} and ${names.length - 1} more`;
      const todo = kind === null ? one.hint : (hintOf(kind as ErrorCode, first) ?? 'see docs/operations.md');
      lines.push(printable(`${kind ?? code} (${whom}): ${todo}`));
    }
  }
  return lines;
}

/** The advice of the error table; undefined where there is none that fits without more facts. */
export function hintOf(code: ErrorCode, lcuId: string): string | undefined {
  const { hint } = new FarolaError(code, { lcu: lcuId });
  return hint?.includes('{') ? undefined : hint;
}
