import { counted, isoTime, printable } from '@farola/shared';
import type { RunStatus, StartingRun } from '../status/run-status.js';
import type { ForeignRun } from '../status/run-teller.js';
import { AGENT_VERSION } from '../version.js';
import type { AgentState, FoundStatus } from './found-status.js';
import { restartAdvice } from './name-options.js';
import type { FolderOptions } from './folders.js';
import { linkLines } from './status-link.js';
import { meterLines } from './status-meter.js';

type Lines = [string, string][];

/** What an agent is called that tells nothing of itself. */
const UNSEEN: Readonly<Record<AgentState, string>> = {
  'running': 'running: its journal is in use; what it tells of itself cannot be read',
  'elsewhere': 'running: its journal is in use; it tells nothing of itself in {runDir}',
  'not-running': 'not running',
  'not-known': 'NOT KNOWN whether it runs',
  'hung': 'running',
  'starting': 'running',
  'other-version': 'running',
};

/** The part of a status about the agent: whether it runs, and what it tells. @param nowMs wall time, for ages */
export function agentLines(
  { running, agentState, folders, enrolment }: FoundStatus,
  options: FolderOptions,
  nowMs: number,
): Lines {
  if (!running) {
    const held =
      agentState === 'not-running' && folders.source === 'given' ? ' on this folder: no process has its journal in use' : '';
    const lines: Lines = [['agent', UNSEEN[agentState].replace('{runDir}', () => folders.runDir) + held]];
    if (agentState !== 'elsewhere' && (agentState !== 'not-known' || folders.source !== 'guess')) return lines;
    return [...lines, ['what to do', 'name the configuration that the agent is run with: `farola-agent status --config PATH`']];
  }
  if ('foreign' in running) return foreignLines(running.foreign, options);
  if ('starting' in running) return startingLines(running.starting);
  const { startedMs, pid, version, writtenMs, lcuId } = running.status;
  const { hung } = running.liveness;
  const whose = enrolment && enrolment.lcuId !== lcuId ? `, as ${printable(lcuId)}, which is not the LCU of this folder` : '';
  const other = `${isOther(version) ? `, version ${printable(version)}; this command is of ${AGENT_VERSION}` : ''}${whose}`;
  const lines = runLines(running.status, nowMs);
  if (hung === undefined) return [['agent', `running since ${time(startedMs)}, process ${pid}${other}`], ...lines];
  return [
    ['agent', `DOES NOT ANSWER: process ${pid} is there since ${time(startedMs)}, but ${hung}${other}`],
    ['what to do', restartAdvice(pid, true, options)],
    ['said last', `what follows, at ${time(writtenMs)}`],
    ...lines,
  ];
}

function isOther(version: string | undefined): version is string {
  return version !== undefined && version !== AGENT_VERSION;
}

function startingLines({ pid, startedMs, starting: { reason } }: StartingRun): Lines {
  const begun = `process ${pid} since ${time(startedMs)}`;
  if (reason === null) return [['agent', `starting, ${begun}: it does not measure yet`]];
  return [['agent', `STARTING, AND MEASURES NOTHING, ${begun}, because: ${printable(reason)}; it tries again each 10 s`]];
}

/** An agent that was not restarted after an installation, mostly. */
function foreignLines({ pid, startedMs, version = 'another version' }: ForeignRun, options: FolderOptions): Lines {
  const since = startedMs === undefined ? '' : ` since ${time(startedMs)}`;
  const read = `this command, of ${AGENT_VERSION}, cannot read the rest of its status`;
  return [
    ['agent', `running${since}, process ${pid}, of ${printable(version)}: ${read}`],
    ['what to do', `${restartAdvice(pid, false, options)}; or use the command that was installed with it`],
  ];
}

function runLines(run: RunStatus, nowMs: number): Lines {
  const { samples, meter, code, platform } = run;
  const measured = platform.hash === null ? undefined : `${platform.hash} of ${counted(platform.files, 'file')}`;
  return [
    ...linkLines(run),
    ['code', code.hash === null ? `not measured: ${code.reason ?? ''}` : `${code.hash} of ${code.tree ?? ''}`],
    ['platform', measured ?? `not measured: ${platform.reason ?? ''}`],
    ['samples', `${samples.taken} taken, ${samples.lost} lost, last ${time(samples.lastMs)}${waitingText(samples)}`],
    ...meterLines(meter, nowMs),
  ];
}

function waitingText({ waiting }: RunStatus['samples']): string {
  return waiting === 0 ? '' : `; the disk takes none: ${counted(waiting, 'entry waits', 'entries wait')} in memory`;
}

function time(ms: number | null): string {
  return ms === null ? 'never' : isoTime(ms);
}
