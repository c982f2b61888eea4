import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { askControl } from '@farola/collector/api/node-control-client.js';
import { type ProgramEnd, runProgram, type RunningProgram, startProgram, tryProgram } from '#scripts/demo/programs.js';
import { freePort } from '#scripts/demo/set-up.js';
import { startSimulatedPanel } from '#scripts/simulated-panel.js';
import { stringify } from 'yaml';
import { tcpProxy, type TcpProxy } from '../fakes/tcp-proxy.js';
import { runHere } from './run-here.js';
import { until } from './stage.js';

/** One of several agents on a stage. */
export interface StagedLcu {
  readonly lcuId: string;
  readonly folder: string;
  readonly config: string;
  readonly log: string;
  start(): RunningProgram;
}

/** A collector, behind an address that stays when it moves, and several agents, as real processes. */
export interface FleetStage {
  readonly folder: string;
  /** The network between: it leads to where the collector listens. */
  readonly network: TcpProxy;
  readonly lcus: readonly StagedLcu[];
  /** Runs a command of the collector to its end. */
  tryCollector(...args: string[]): Promise<ProgramEnd>;
  collector(...args: string[]): Promise<string>;
  /** As `collector`, in this process: for what is asked until it holds. Rejects with the error. */
  look(...args: string[]): Promise<string>;
  /** Whether an LCU answers a poll now. */
  answers(lcuId: string): Promise<boolean>;
  startCollector(): Promise<RunningProgram>;
  /** Adds, enrols and approves an LCU; the collector must run. */
  enrol(lcu: StagedLcu): Promise<void>;
  /** How many LCUs are connected. */
  connected(): Promise<number>;
  collectorLog(): Promise<string>;
}

/** Sets a stage up in which nothing runs yet and nobody is enrolled. */
export async function openFleetStage(t: ExecutionContext, lcuCount: number): Promise<FleetStage> {
  const folder = await mkdtemp(join(tmpdir(), 'farola-fleet-'));
  t.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const panel = await startSimulatedPanel({ port: 0, seed: 7, speed: 60 });
  t.teardown(() => panel.close());
  const network = await tcpProxy(t);
  network.to = await freePort();
  const config = join(folder, 'collector.yaml');
  const runDir = join(folder, 'collector-run');
  const log = join(folder, 'collector.log');
  const address = `wss://127.0.0.1:${network.port}`;
  const places = ['--state-dir', join(folder, 'collector'), '--run-dir', runDir, '--poll-seconds', '1'];
  const listen = `127.0.0.1:${network.to}`;
  await runHere('collector', ['init', '--config', config, '--id', 'malaga', '--address', address, '--listen', listen, ...places]);
  const start = (name: 'agent' | 'collector', at: string, to: string): RunningProgram => {
    const running = startProgram(name, ['run', '--config', at], to);
    t.teardown(() => running.stop());
    return running;
  };
  const lcus: StagedLcu[] = [];
  for (let no = 1; no <= lcuCount; no++) {
    const lcuId = `malaga-000${no}`;
    const own = join(folder, lcuId);
    const lcu = { lcuId, folder: own, config: join(own, 'agent.yaml'), log: join(own, 'agent.log') };
    await mkdir(join(own, 'state'), { recursive: true, mode: 0o700 });
    await writeFile(lcu.config, agentConfig(own, panel.port));
    lcus.push({ ...lcu, start: () => start('agent', lcu.config, lcu.log) });
  }
  const collector = (...args: string[]): Promise<string> => runProgram('collector', [...args, '--config', config]);
  const look = (...args: string[]): Promise<string> => runHere('collector', [...args, '--config', config]);
  return {
    folder,
    network,
    lcus,
    collector,
    look,
    answers: (lcuId) =>
      look('poll', lcuId).then(
        () => true,
        () => false,
      ),
    tryCollector: (...args) => tryProgram('collector', [...args, '--config', config]),
    async startCollector() {
      const running = start('collector', config, log);
      await until(async () => {
        if (running.ended() !== undefined) throw new Error(await readFile(log, 'utf8'));
        return askControl(runDir, 'GET', '/status').then(
          () => true,
          () => false,
        );
      }, 'the collector runs');
      return running;
    },
    async enrol({ lcuId, config: agent }) {
      const { token } = JSON.parse(await look('lcu', 'add', lcuId, '--panel', lcuId, '--json')) as { token: string };
      await runHere('agent', ['enroll', '-', '--config', agent], token);
      const shown = await runHere('agent', ['status', '--json', '--config', agent]);
      const { words } = (JSON.parse(shown) as { enrolment: { words: string[] } }).enrolment;
      await look('lcu', 'approve', lcuId, '--words', words.join(' '));
    },
    connected: async () => ((await askControl(runDir, 'GET', '/status')) as { connected: number }).connected,
    collectorLog: () => readFile(log, 'utf8'),
  };
}

function agentConfig(folder: string, panelPort: number): string {
  return stringify({
    lines: [{ id: 'line-1', transport: 'rtu-over-tcp', host: '127.0.0.1', port: panelPort, timeoutMs: 300 }],
    analysers: [{ id: 'mains', line: 'line-1', unit: 1, profile: 'circutor-cvm-c10', serialNumber: '0410077' }],
    sampleSeconds: 1,
    stateDir: join(folder, 'state'),
    runDir: join(folder, 'run'),
    profilesDir: join(folder, 'own'),
    link: { reconnectMinMs: 200, reconnectMaxMs: 2000 },
    remote: { trialSeconds: 5 },
  });
}
