import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';

/** The program itself. */
export const AGENT_CLI = fileURLToPath(new URL('../../../agent/dist/cli/main-cli.js', import.meta.url));

/** How a command ended. */
export interface CommandOutcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `farola-agent` to its end. */
export async function farolaAgent(
  args: readonly string[],
  input = '',
  env: Record<string, string> = {},
): Promise<CommandOutcome> {
  const child = spawn(process.execPath, [AGENT_CLI, ...args], { env: { ...process.env, ...env } });
  child.stdin.end(input);
  return outcomeOf(child);
}

/** Starts `farola-agent` and kills it when the test ends. */
export function startFarolaAgent(
  t: ExecutionContext,
  args: readonly string[],
): { child: ChildProcess; ended: Promise<CommandOutcome> } {
  const child = spawn(process.execPath, [AGENT_CLI, ...args]);
  t.teardown(() => child.kill('SIGKILL'));
  return { child, ended: outcomeOf(child) };
}

/** What a process printed, and how it ended. */
export function outcomeOf(child: ChildProcess): Promise<CommandOutcome> {
  const texts = { out: '', err: '' };
  child.stdout?.on('data', (data: Buffer) => (texts.out += data.toString()));
  child.stderr?.on('data', (data: Buffer) => (texts.err += data.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, ...texts })));
}

/** Writes a configuration of one analyser that nobody answers for, sampled each second; gives its path. */
export function writeAgentConfig(folder: string, extra = ''): string {
  const path = join(folder, 'agent.yaml');
  mkdirSync(join(folder, 'run'), { recursive: true });
  const lines = [
    'lines: [{ id: line-1, transport: rtu-over-tcp, host: 127.0.0.1, port: 9, timeoutMs: 200 }]',
    'analysers: [{ id: main, line: line-1, unit: 1, profile: circutor-cvm-c10 }]',
    'sampleSeconds: 1',
    `stateDir: ${join(folder, 'state')}`,
    `runDir: ${join(folder, 'run')}`,
    `profilesDir: ${join(folder, 'own')}`,
    'link: { reconnectMinMs: 100, reconnectMaxMs: 1000 }',
    extra,
  ];
  writeFileSync(path, lines.join('\n'));
  return path;
}
