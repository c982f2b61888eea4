import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { askControl } from '@farola/collector/api/node-control-client.js';
import { pause, systemTimers } from '@farola/shared';
import { type Program, type RunningProgram, startProgram } from '#scripts/demo/programs.js';
import { type DemoPaths, demoPaths, enrol, setUp } from '#scripts/demo/set-up.js';
import { startSimulatedPanel } from '#scripts/simulated-panel.js';
import { runHere } from './run-here.js';

/** A panel, an agent and a collector in a folder of their own, as real processes. */
export interface Stage {
  readonly folder: string;
  readonly paths: DemoPaths;
  readonly token: string;
  /** @param variables added to its environment */
  startCollector(variables?: Readonly<Record<string, string>>): Promise<RunningProgram>;
  /** @param tree of an installed agent; that of the workspace runs when it is not told */
  startAgent(tree?: string, variables?: Readonly<Record<string, string>>): RunningProgram;
  /** Enrols the agent and approves it; the collector must run. Gives the six words. */
  enrol(): Promise<string>;
  log(name: 'agent' | 'collector'): Promise<string>;
}

/** How fast things go on a stage, and what is in between. */
export interface StageOptions {
  readonly pollSeconds?: number;
  readonly sampleSeconds?: number;
  /** Where the agent dials, when that is not where the collector listens. */
  readonly dialPort?: number;
}

/** Sets a stage up; whatever runs on it is stopped and removed at the end of the test. */
export async function openStage(t: ExecutionContext, options: StageOptions = {}): Promise<Stage> {
  const { pollSeconds = 1, sampleSeconds = 1, dialPort } = options;
  const folder = await mkdtemp(join(tmpdir(), 'farola-e2e-'));
  t.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const panel = await startSimulatedPanel({ port: 0, seed: 7, speed: 60 });
  t.teardown(() => panel.close());
  const token = await setUp(folder, panel.port, pollSeconds, sampleSeconds, dialPort, runHere);
  const paths = demoPaths(folder);
  const start = (program: Program, config: string, log: string, variables = {}): RunningProgram => {
    const running = startProgram(program, ['run', '--config', config], log, variables);
    t.teardown(() => running.stop());
    return running;
  };
  return {
    folder,
    paths,
    token,
    async startCollector(variables) {
      const program = start('collector', paths.collectorConfig, paths.log('collector'), variables);
      await until(async () => {
        if (program.ended() !== undefined) throw new Error(await readFile(paths.log('collector'), 'utf8'));
        return askControl(paths.collectorRun, 'GET', '/status').then(
          () => true,
          () => false,
        );
      });
      return program;
    },
    startAgent(tree, variables) {
      const program = tree === undefined ? 'agent' : ({ name: 'agent', tree } as const);
      return start(program, paths.agentConfig, paths.log('agent'), variables);
    },
    enrol: () => enrol(folder, token, 'agent', runHere),
    log: (name) => readFile(paths.log(name), 'utf8'),
  };
}

/** Waits until something holds, asking ten times a second; fails after some minutes, so that a busy machine is no failure. */
export async function until(holds: () => boolean | Promise<boolean>, what = 'condition', minutes = 2): Promise<void> {
  for (let tries = 0; tries < 600 * minutes; tries++) {
    if (await holds()) return;
    await pause(systemTimers, 100);
  }
  throw new Error(`${what} did not come to hold within ${minutes} minutes`);
}

/** The counts of a running collector. */
export async function counts({ paths }: Stage): Promise<{ connected: number; rounds: number; roundsFailed: number }> {
  return (await askControl(paths.collectorRun, 'GET', '/status')) as never;
}
