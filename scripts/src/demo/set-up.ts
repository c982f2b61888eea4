import { randomInt } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { FarolaError } from '@farola/shared';
import { stringify } from 'yaml';
import { type Program, runProgram } from './programs.js';

/** Where the demo keeps its things. */
export interface DemoPaths {
  readonly collectorConfig: string;
  readonly collectorRun: string;
  readonly agentConfig: string;
  /** Where an agent can be installed. */
  readonly agentTree: string;
  readonly stateDb: string;
  readonly log: (name: string) => string;
}

/** Name of the simulated LCU. */
export const LCU = 'malaga-0042';
const PANEL = 'alameda-7';

/** Runs a command of a program, and gives what it printed. */
export type RunCommand = (program: Program, args: readonly string[], input?: string) => Promise<string>;

/** The paths under one folder. */
export function demoPaths(folder: string): DemoPaths {
  return {
    collectorConfig: join(folder, 'collector.yaml'),
    collectorRun: join(folder, 'collector-run'),
    agentConfig: join(folder, 'agent.yaml'),
    agentTree: join(folder, 'farola-agent'),
    stateDb: join(folder, 'collector', 'state.db'),
    log: (name) => join(folder, `${name}.log`),
  };
}

/**
 * Makes collector and agent configuration as an operator and a technician do, and returns the token.
 * @param dialPort where the agent dials, when that is not where the collector listens
 * @param run runs each command; as a program of its own when it is not told
 */
export async function setUp(
  folder: string,
  panelPort: number,
  pollSeconds: number,
  sampleSeconds = 5,
  dialPort?: number,
  run: RunCommand = runProgram,
): Promise<string> {
  const paths = demoPaths(folder);
  const port = await freePort();
  await run('collector', [
    'init',
    '--config',
    paths.collectorConfig,
    '--id',
    'malaga',
    '--address',
    `wss://127.0.0.1:${dialPort ?? port}`,
    '--listen',
    `127.0.0.1:${port}`,
    '--state-dir',
    join(folder, 'collector'),
    '--run-dir',
    paths.collectorRun,
    '--poll-seconds',
    String(pollSeconds),
  ]);
  await mkdir(join(folder, 'agent'), { mode: 0o700 });
  await writeFile(paths.agentConfig, agentConfig(folder, panelPort, sampleSeconds));
  const args = ['lcu', 'add', LCU, '--panel', PANEL, '--json', '--config', paths.collectorConfig];
  return (JSON.parse(await run('collector', args)) as { token: string }).token;
}

/**
 * Enrols the agent and approves it with the words that it shows; the collector must run.
 * @param run runs each command; as a program of its own when it is not told
 */
export async function enrol(
  folder: string,
  token: string,
  agent: Program = 'agent',
  run: RunCommand = runProgram,
): Promise<string> {
  const paths = demoPaths(folder);
  await run(agent, ['enroll', '-', '--config', paths.agentConfig], token);
  const shown = await run(agent, ['status', '--json', '--config', paths.agentConfig]);
  const { words } = (JSON.parse(shown) as { enrolment: { words: string[] } }).enrolment;
  const typed = words.join(' ');
  await run('collector', ['lcu', 'approve', LCU, '--words', typed, '--config', paths.collectorConfig]);
  return typed;
}

function agentConfig(folder: string, panelPort: number, sampleSeconds: number): string {
  return stringify({
    lines: [{ id: 'line-1', transport: 'rtu-over-tcp', host: '127.0.0.1', port: panelPort }],
    analysers: [
      { id: 'mains', line: 'line-1', unit: 1, profile: 'circutor-cvm-c10', serialNumber: '0410077' },
      { id: 'circuits', line: 'line-1', unit: 2, profile: 'eastron-sdm630' },
    ],
    sampleSeconds,
    stateDir: join(folder, 'agent'),
    runDir: join(folder, 'agent-run'),
    profilesDir: join(folder, 'agent-profiles'),
  });
}

/** Below what Linux gives to connections and to port 0 (net.ipv4.ip_local_port_range), so that nobody takes it meanwhile. */
const PORTS = { from: 20_000, to: 32_000 } as const;
const TRIES = 50;

/** A port that is free now and that only who asks for it by number takes. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const port = randomInt(PORTS.from, PORTS.to);
    if (await isFree(port)) return port;
  }
  throw new FarolaError('address-in-use', { address: `127.0.0.1:${PORTS.from}-${PORTS.to}` });
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const free = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => resolve(true));
  });
  if (free) await new Promise((resolve) => server.close(resolve));
  return free;
}
