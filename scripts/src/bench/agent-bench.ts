import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readRunStatus } from '@farola/agent/status/fs-run-status.js';
import { FarolaError, pause, systemTimers } from '@farola/shared';
import { parse, stringify } from 'yaml';
import { startProgram } from '../demo/programs.js';
import { demoPaths, enrol, setUp } from '../demo/set-up.js';
import { installTree } from '../install-tree/install-tree.js';
import { startSimulatedPanel } from '../simulated-panel.js';
import { cpuMsOf, rssMbOf } from './process-cost.js';

/** What an agent costs that samples each minute and is polled each five. */
export interface AgentFigures {
  /** Resident memory at the end, above that of a node that does nothing, started with the same options beside it, MB. */
  readonly rssMbAboveNode: number;
  /** CPU time of an hour, children included, without the start, s. */
  readonly cpuSPerHour: number;
  /** From the start of the program to its first sample in the journal, s. */
  readonly firstSampleS: number;
  readonly rssMb: number;
  readonly nodeRssMb: number;
  /** CPU time of the first twenty seconds, s. */
  readonly startCpuS: number;
  readonly samples: number;
  /** How long it was measured after those, s. */
  readonly seconds: number;
}

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
const SAMPLE_S = 60;
const POLL_S = 300;
/** What belongs to the start: code, connection, first poll, rubbish of all that, ms. */
const START_MS = 20_000;
const LOOK_MS = 20;
const PATIENCE_MS = 60_000;

/**
 * Measures a real agent out of an installed tree, with two analysers on a pseudo-terminal, connected to a real collector.
 * @param seconds how long, after the start
 */
export async function benchAgent(seconds: number): Promise<AgentFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'farola-bench-agent-'));
  const closing: (() => unknown)[] = [() => rm(folder, { recursive: true, force: true, maxRetries: 5 })];
  try {
    return await measure(folder, seconds, closing);
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

async function measure(folder: string, seconds: number, closing: (() => unknown)[]): Promise<AgentFigures> {
  const paths = demoPaths(folder);
  const panel = await startSimulatedPanel({ seed: 7 });
  closing.push(() => panel.close());
  const terminal = join(folder, 'ttyPanel');
  closing.push(endOf(await joinTerminal(terminal, panel.port)));
  const token = await setUp(folder, panel.port, POLL_S, SAMPLE_S);
  await putOnTerminal(paths.agentConfig, terminal);
  installTree({ repository: REPOSITORY, program: 'agent', target: paths.agentTree });
  const tree = { name: 'agent', tree: paths.agentTree } as const;
  const collector = startProgram('collector', ['run', '--config', paths.collectorConfig], paths.log('collector'));
  closing.push(() => collector.stop());
  await holds(() => existsSync(join(paths.collectorRun, 'control.sock')), 'the collector runs', collector.logFile);
  await enrol(folder, token, tree);

  const node = spawn(process.execPath, [...optionsOf(paths.agentTree), '-e', 'setInterval(() => undefined, 2 ** 30)']);
  closing.push(endOf(node));
  const beganMs = performance.now();
  const agent = startProgram(tree, ['run', '--config', paths.agentConfig], paths.log('agent'));
  closing.push(() => agent.stop());
  const taken = (): number => readRunStatus(join(folder, 'agent-run'))?.samples.taken ?? 0;
  await holds(() => taken() > 0, 'the agent samples', agent.logFile);
  const firstSampleS = (performance.now() - beganMs) / 1_000;
  await pause(systemTimers, START_MS);
  const [startCpuMs, from] = [cpuMsOf(agent.pid), performance.now()];
  await pause(systemTimers, seconds * 1_000);
  const cpuMs = cpuMsOf(agent.pid) - startCpuMs;
  const tookMs = performance.now() - from;
  const [rssMb, nodeRssMb] = [rssMbOf(agent.pid), rssMbOf(node.pid ?? 0)];
  return {
    rssMbAboveNode: rounded(rssMb - nodeRssMb),
    cpuSPerHour: rounded((cpuMs / tookMs) * 3_600),
    firstSampleS: rounded(firstSampleS),
    rssMb: rounded(rssMb),
    nodeRssMb: rounded(nodeRssMb),
    startCpuS: rounded(startCpuMs / 1_000),
    samples: taken(),
    seconds: Math.round(tookMs / 1_000),
  };
}

/** The options that the launcher gives to node: a bare node gets them as well. */
function optionsOf(tree: string): string[] {
  const [, options = ''] = /^exec node ((?:--\S+[ \\\n]+)+)/m.exec(readFileSync(join(tree, 'bin/farola-agent'), 'utf8')) ?? [];
  return options.match(/--\S+/g) ?? [];
}

async function joinTerminal(path: string, port: number): Promise<ChildProcess> {
  const child = spawn('socat', [`pty,raw,echo=0,link=${path}`, `tcp:127.0.0.1:${port}`], { stdio: 'ignore' });
  const missing = once(child, 'error').then(() => {
    throw new FarolaError('usage', { reason: 'socat is missing: apt-get install socat' });
  });
  await Promise.race([holds(() => existsSync(path), 'socat joins a terminal'), missing]);
  return child;
}

async function putOnTerminal(configPath: string, path: string): Promise<void> {
  const config = parse(await readFile(configPath, 'utf8')) as object;
  await writeFile(configPath, stringify({ ...config, lines: [{ id: 'line-1', transport: 'rtu', path }] }));
}

function endOf(child: ChildProcess): () => Promise<unknown> {
  const ended = once(child, 'exit');
  return () => {
    child.kill('SIGKILL');
    return ended;
  };
}

async function holds(condition: () => boolean, what: string, logFile?: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += LOOK_MS) {
    if (condition()) return;
    await pause(systemTimers, LOOK_MS);
  }
  const log = logFile === undefined ? '' : `: ${readFileSync(logFile, 'utf8').slice(-500)}`;
  throw new FarolaError('internal', { reason: `waited in vain until ${what}${log}` });
}

function rounded(value: number): number {
  return Number(value.toFixed(2));
}
