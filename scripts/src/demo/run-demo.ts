import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { askControl } from '@farola/collector/api/node-control-client.js';
import { openSqliteState } from '@farola/collector/fleet/sqlite-state.js';
import { FarolaError, pause, systemClock, systemTimers, counted } from '@farola/shared';
import { makeDemoFolder } from './demo-folder.js';
import { installAgent } from './install-agent.js';
import { startSimulatedPanel } from '../simulated-panel.js';
import { liveTable } from './live-table.js';
import { type RunningProgram, startProgram } from './programs.js';
import { demoPaths, enrol, setUp } from './set-up.js';

/** How to run the demo. */
export interface DemoOptions {
  /** End after so many rounds; undefined runs until the signal. */
  readonly rounds: number | undefined;
  readonly pollSeconds: number;
  readonly signal: AbortSignal;
}

const REFRESH_MS = 1000;
/** Time in which latest values are written for others to read, ms (docs/decisions/011). */
const WRITTEN_MS = 1500;
/** Simulated time: it begins shortly before the lamps of the panel are lit, and runs a minute in each second. */
const DUSK_MS = Date.UTC(2026, 10, 22, 17, 23);
const SPEED = 60;
/** A round that takes so many times its length has failed. */
const PATIENCE = 6;

/** How a demo ended. */
interface DemoEnd {
  /** Whether all that was asked for was done, and every answer was verified. */
  readonly good: boolean;
  /** The same in words. */
  readonly says: string;
}

/** Runs the demo; resolves with whether every answer was verified. Everything is stopped and removed at the end. */
export async function runDemo(options: DemoOptions): Promise<boolean> {
  const folder = await makeDemoFolder(tmpdir());
  const closers: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  let end: DemoEnd;
  try {
    end = await demonstrate(folder, options, closers);
  } finally {
    say('stopping');
    for (const close of closers.reverse()) await close();
  }
  say(end.says);
  return end.good;
}

async function demonstrate(folder: string, options: DemoOptions, closers: (() => Promise<unknown>)[]): Promise<DemoEnd> {
  const { pollSeconds, signal } = options;
  const paths = demoPaths(folder);
  say('a simulated panel: two three-phase analysers on one line, from dusk on, a minute in each second');
  const panel = await startSimulatedPanel({ port: 0, seed: 42, speed: SPEED, startsAtMs: DUSK_MS });
  closers.push(() => panel.close());
  say('keys, certificate authority and configuration of the collector; an LCU is added');
  const token = await setUp(folder, panel.port, pollSeconds);
  if (isStopped(signal)) return stoppedAfter(0, options);
  say('the agent is installed; a release key signs its code hash, and the collector approves it');
  const agentProgram = await installAgent(folder);
  if (isStopped(signal)) return stoppedAfter(0, options);
  const collector = startProgram('collector', ['run', '--config', paths.collectorConfig], paths.log('collector'));
  closers.push(() => collector.stop());
  await ready(collector, paths.collectorRun, signal);
  if (isStopped(signal)) return stoppedAfter(0, options);
  say('the technician enrols the LCU; the operator compares six words and approves');
  say(`  ${await enrol(folder, token, agentProgram)}`);
  const agent = startProgram(agentProgram, ['run', '--config', paths.agentConfig], paths.log('agent'));
  closers.push(() => agent.stop());
  return watch(folder, options, [collector, agent]);
}

/** Asked anew each time, since it changes while others are waited for. */
function isStopped(signal: AbortSignal): boolean {
  return signal.aborted;
}

async function ready(collector: RunningProgram, runDir: string, signal: AbortSignal): Promise<void> {
  for (let tries = 0; !signal.aborted; tries++) {
    if (collector.ended() !== undefined) throw await endedByItself(collector);
    try {
      await askControl(runDir, 'GET', '/status');
      return;
    } catch (error) {
      if (tries >= 100) throw error;
      await pause(systemTimers, 100, signal);
    }
  }
}

/** Shows the table until the rounds are done, the signal comes, or a program ends. */
async function watch(folder: string, options: DemoOptions, programs: readonly RunningProgram[]): Promise<DemoEnd> {
  const { rounds, pollSeconds, signal } = options;
  const paths = demoPaths(folder);
  const clock = systemClock();
  const state = await openSqliteState({ path: paths.stateDb });
  const began = clock.now().monoMs;
  const limitMs = rounds === undefined ? Infinity : rounds * pollSeconds * 1000 * PATIENCE;
  let shown = -1;
  try {
    while (!signal.aborted) {
      for (const program of programs) if (program.ended() !== undefined) throw await endedByItself(program);
      const counts = await askControl(paths.collectorRun, 'GET', '/status');
      const done = Number(counts['rounds']);
      const failed = Number(counts['roundsFailed']);
      if (process.stdout.isTTY || done !== shown) show(liveTable(state, clock.now().wallMs), done, failed);
      shown = done;
      if (rounds !== undefined && done >= rounds) {
        await pause(systemTimers, WRITTEN_MS, signal);
        show(liveTable(state, clock.now().wallMs), done, failed);
        return doneWith(done, failed === 0 && allVerified(state));
      }
      if (clock.now().monoMs - began > limitMs) return tooSlow(done, options);
      await pause(systemTimers, REFRESH_MS, signal);
    }
    return stoppedAfter(Math.max(0, shown), options);
  } finally {
    state.close();
  }
}

function doneWith(rounds: number, good: boolean): DemoEnd {
  return { good, says: `${counted(rounds, 'round')}: ${good ? 'every answer was verified' : 'NOT every answer was verified'}` };
}

/** Without a number of rounds a signal is how a demo ends. */
function stoppedAfter(done: number, { rounds }: DemoOptions): DemoEnd {
  if (rounds === undefined) return { good: true, says: `stopped after ${counted(done, 'round')}` };
  return { good: false, says: `stopped by a signal after ${done} of ${counted(rounds, 'round')}` };
}

function tooSlow(done: number, { rounds, pollSeconds }: DemoOptions): DemoEnd {
  const asked = counted(rounds ?? 0, 'round');
  return { good: false, says: `given up after ${done} of ${asked}: they took more than ${PATIENCE} times ${pollSeconds} s each` };
}

async function endedByItself({ name, logFile }: RunningProgram): Promise<FarolaError> {
  const lines = (await readFile(logFile, 'utf8')).trim().split('\n');
  const said = lines.find((line) => line.startsWith('error: ')) ?? lines.at(-1);
  return new FarolaError('program-ended', { program: name, last: said || 'its log is empty' });
}

function allVerified({ fleet, derived }: Awaited<ReturnType<typeof openSqliteState>>): boolean {
  const contacts = fleet.list().map(({ lcuNo }) => derived.contact(lcuNo));
  return contacts.every((contact) => contact !== undefined && contact.answersOk > 0 && contact.answersRefused === 0);
}

function show(lines: readonly string[], rounds: number, failed: number): void {
  const clear = process.stdout.isTTY ? '\x1b[2J\x1b[H' : '';
  const footer = `${counted(rounds, 'round')}, ${failed} with an answer that was not verified; Ctrl-C stops`;
  process.stdout.write(`${clear}${lines.join('\n')}\n${footer}\n\n`);
}

function say(line: string): void {
  process.stdout.write(`demo: ${line}\n`);
}
