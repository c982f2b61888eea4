import { resolve } from 'node:path';
import { counted, isoTime, printable, problemOf, systemClock } from '@farola/shared';
import { AGENT_CONFIG_PATH } from '../config/config-path.js';
import type { OnTrial } from '../config/pushed-config.js';
import type { JournalStatus } from '../journal/sqlite-journal-status.js';
import type { Storage } from '../status/linux-storage.js';
import { findFolders, type FolderOptions, type FoundFolders } from './folders.js';
import { findStatus, type FoundStatus, type StatusPart } from './found-status.js';
import { nameOptions } from './name-options.js';
import { statusJson, trialUntilMs } from './status-json.js';
import { agentLines } from './status-run.js';

/** What `farola-agent status` is asked. */
export interface StatusOptions extends FolderOptions {
  /** One JSON object instead of lines. */
  readonly json?: boolean | undefined;
}

/** As wide as the longest name of what is always told. */
const NAME_WIDTH = 'last acknowledged:'.length;

/**
 * Prints who this LCU is, how its connection is, what is on trial and what its journal holds, whether the agent runs or not. What cannot be
 * read is told in its place, and thrown when all the rest is told.
 * @throws FarolaError `config-invalid`, `config-unreadable`, `permission-denied`, `path-unusable`, `state-file-invalid`, `journal-corrupt`,
 * `disk-failure`
 */
export async function printStatus(options: StatusOptions, out: (line: string) => void): Promise<void> {
  const folders = await findFolders(options);
  const { wallMs, monoMs } = systemClock().now();
  const found = await findStatus(folders, monoMs);
  const { problem, stateDir, runDir } = folders;
  if (options.json) {
    const configPath = resolve(options.config ?? AGENT_CONFIG_PATH);
    const configProblem = problem ? problemOf(problem) : null;
    out(JSON.stringify({ configPath, configProblem, stateDir, runDir, ...statusJson(found) }));
  } else {
    for (const [name, value] of linesOf(found, options, wallMs))
      out(nameOptions(`${`${name}:`.padEnd(NAME_WIDTH)} ${value}`, options));
  }
  const [first] = problem ? [problem] : found.unread.map(({ error }) => error);
  if (first) throw first;
}

function linesOf(found: FoundStatus, options: FolderOptions, nowMs: number): [string, string][] {
  const { folders, enrolment, trial, journal, storage } = found;
  const unread = (about: StatusPart): string | undefined => {
    const problem = found.unread.find((one) => one.about === about);
    return problem && `CANNOT BE READ: ${printable(problem.error.message)}`;
  };
  const agentUnread = unread('agent');
  const trialUnread = unread('configTrial');
  return [
    ...(folders.problem
      ? [['configuration', folderText(folders, options, found.running !== undefined)] as [string, string]]
      : []),
    [
      'identity',
      unread('enrolment') ??
        (enrolment
          ? `${enrolment.lcuId} at ${enrolment.collectorId}, ${enrolment.address}`
          : `not enrolled${folders.problem ? '' : ': run `farola-agent enroll`'}`),
    ],
    ...(enrolment ? [['words', enrolment.words.join(' ')] as [string, string]] : []),
    ...(trial ? trialLines(trial, trialUntilMs(found)) : []),
    ...(trialUnread === undefined ? [] : [['set from afar', trialUnread] as [string, string]]),
    ...agentLines(found, options, nowMs),
    ...(agentUnread === undefined ? [] : [['its status', agentUnread] as [string, string]]),
    ['journal', unread('journal') ?? (journal ? journalLine(journal) : 'none')],
    ['storage', storageLine(storage)],
  ];
}

/** Said first: whatever follows may be about another place than was meant. The problem itself is told last. */
function folderText({ stateDir, runDir, source, problem }: FoundFolders, options: FolderOptions, isRunning: boolean): string {
  const path = options.config ?? AGENT_CONFIG_PATH;
  const what = problem?.code === 'config-invalid' ? `${path} IS NOT VALID` : `${path} CANNOT BE READ`;
  const whose = {
    config: 'which it names',
    given: 'the latter the usual one',
    defaults: 'the usual ones',
    guess: 'the usual ones',
  };
  const goesOn = isRunning && source === 'config' ? '; the agent goes on with what it read when it started' : '';
  return `${printable(what)}; what follows is of ${stateDir} and ${runDir}, ${whose[source]}${goesOn}`;
}

/** What the collector set, while it is not certain to stay. */
function trialLines({ sequence, atMs, by, reason }: OnTrial, untilMs: number | null): [string, string][] {
  const state =
    untilMs === null
      ? 'waits for the start of the agent that tries it'
      : `on trial until ${time(untilMs)}, then kept or rolled back`;
  const sent = `sent by ${printable(by)} at ${time(atMs)}: ${printable(reason)}`;
  return [['configuration', `number ${sequence} of the collector, ${state}; ${sent}`]];
}

function journalLine({ entries, unacknowledged, epochs, oldestMs }: JournalStatus): string {
  return `${counted(entries, 'entry', 'entries')} in ${counted(epochs, 'epoch')}, ${unacknowledged} not acknowledged, oldest ${time(oldestMs)}`;
}

function storageLine({ freeBytes, readOnly, lifePercent, fileSystemErrors }: Storage): string {
  const parts = [freeBytes === undefined ? 'free space not known' : `${Math.floor(freeBytes / 1_000_000)} MB free`];
  if (readOnly) parts.push('READ-ONLY: it takes no writes');
  if (fileSystemErrors !== undefined) parts.push(`${counted(fileSystemErrors, 'error')} of its file system`);
  if (lifePercent !== undefined) parts.push(`${lifePercent} % of its life used up`);
  return parts.join(', ');
}

function time(ms: number | null): string {
  return ms === null ? 'never' : isoTime(ms);
}
