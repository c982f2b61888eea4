import { join } from 'node:path';
import { type FarolaError, isoTime, printable, problemOf, systemClock, counted } from '@farola/shared';
import { type JournalStatus, readJournalStatus } from '../journal/sqlite-journal-status.js';
import { AGENT_CONFIG_PATH } from '../config/config-path.js';
import { fsPushedStore } from '../config/fs-pushed-store.js';
import type { OnTrial } from '../config/pushed-config.js';
import { JOURNAL_FILE } from '../journal/journal.js';
import { readRunning, type Running } from '../status/fs-run-status.js';
import { linuxStorage, type Storage } from '../status/linux-storage.js';
import type { ForeignRun, RunStatus } from '../status/run-status.js';
import { fsEnrolmentStore } from '../trust/fs-enrolment-store.js';
import { AGENT_VERSION } from '../version.js';
import { type FolderOptions, foldersOf } from './folders.js';
import { statusJson, type Told, trialUntilMs } from './status-json.js';
import { linkLines } from './status-link.js';
import { meterLines } from './status-meter.js';

/** What `farola-agent status` is asked. */
export interface StatusOptions extends FolderOptions {
  /** One JSON object instead of lines. */
  readonly json?: boolean | undefined;
}

/** As wide as the longest name of what is always told. */
const NAME_WIDTH = 'last acknowledged:'.length;

/**
 * Prints who this LCU is, how its connection is, what is on trial and what its journal holds, whether the agent runs or not.
 * @throws FarolaError `config-invalid`, `permission-denied`, `key-file-invalid`, `journal-corrupt`, `disk-failure`
 */
export async function printStatus(options: StatusOptions, out: (line: string) => void): Promise<void> {
  const { stateDir, runDir, trialSeconds, unread } = await foldersOf(options);
  const enrolment = await fsEnrolmentStore(stateDir).load();
  const { wallMs, monoMs } = systemClock().now();
  const running = readRunning(runDir, monoMs);
  const { trial } = await fsPushedStore(stateDir).load();
  const journal = await readJournalStatus(join(stateDir, JOURNAL_FILE));
  const told: Told = { enrolment, running, trial, trialSeconds, journal, storage: linuxStorage(stateDir) };
  if (options.json) {
    const configProblem = unread ? problemOf(unread) : null;
    out(JSON.stringify({ configPath: options.config ?? AGENT_CONFIG_PATH, configProblem, ...statusJson(told) }));
    return;
  }
  if (unread) for (const line of unreadPage(unread)) out(line);
  for (const [name, value] of linesOf(told, wallMs)) out(`${`${name}:`.padEnd(NAME_WIDTH)} ${value}`);
}

/** Said first: whatever follows may be about another place than was meant. */
function unreadPage({ message, hint = '' }: FarolaError): string[] {
  return [
    `no configuration: ${message}; what follows is of the default folders, where none is given`,
    `hint: ${hint}; --config names another one`,
    '',
  ];
}

function linesOf(told: Told, nowMs: number): [string, string][] {
  const { enrolment, running, trial, journal, storage } = told;
  return [
    [
      'identity',
      enrolment
        ? `${enrolment.lcuId} at ${enrolment.collectorId}, ${enrolment.address}`
        : 'not enrolled: run `farola-agent enroll`',
    ],
    ...(enrolment ? [['words', enrolment.words.join(' ')] as [string, string]] : []),
    ...(trial ? trialLines(trial, trialUntilMs(told)) : []),
    ...runningLines(running, nowMs),
    ['journal', journal ? journalLine(journal) : 'none'],
    ['storage', storageLine(storage)],
  ];
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

function runningLines(running: Running | undefined, nowMs: number): [string, string][] {
  if (!running) return [['agent', 'not running']];
  if ('foreign' in running) return foreignLines(running.foreign);
  const { startedMs, pid, version, writtenMs } = running.status;
  const { hung } = running.liveness;
  const other =
    version === undefined || version === AGENT_VERSION ? '' : `, version ${version}; this command is of ${AGENT_VERSION}`;
  const lines = runLines(running.status, nowMs);
  if (hung === undefined) return [['agent', `running since ${time(startedMs)}, process ${pid}${other}`], ...lines];
  return [
    ['agent', `DOES NOT ANSWER: process ${pid} is there since ${time(startedMs)}, but ${hung}${other}`],
    ['what to do', 'restart it: `systemctl restart farola-agent`'],
    ['said last', `what follows, at ${time(writtenMs)}`],
    ...lines,
  ];
}

/** An agent that was not restarted after an installation, mostly. */
function foreignLines({ pid, startedMs, version = 'another version' }: ForeignRun): [string, string][] {
  const since = startedMs === undefined ? '' : ` since ${time(startedMs)}`;
  return [
    [
      'agent',
      `running${since}, process ${pid}, of ${version}: this command, of ${AGENT_VERSION}, cannot read the rest of its status`,
    ],
    ['what to do', 'restart it: `systemctl restart farola-agent`; or use the command that was installed with it'],
  ];
}

function runLines(run: RunStatus, nowMs: number): [string, string][] {
  const { samples, meter, code, platform } = run;
  return [
    ...linkLines(run),
    ['code', code.hash === null ? `not measured: ${code.reason ?? ''}` : `${code.hash} of ${code.tree ?? ''}`],
    [
      'platform',
      platform.hash === null
        ? `not measured: ${platform.reason ?? ''}`
        : `${platform.hash} of ${counted(platform.files, 'file')}`,
    ],
    ['samples', `${samples.taken} taken, ${samples.lost} lost, last ${time(samples.lastMs)}${waitingText(samples)}`],
    ...meterLines(meter, nowMs),
  ];
}

function waitingText({ waiting }: RunStatus['samples']): string {
  return waiting === 0 ? '' : `; the disk takes none: ${counted(waiting, 'entry waits', 'entries wait')} in memory`;
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
