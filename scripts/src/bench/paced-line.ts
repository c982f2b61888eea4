import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { systemTimers } from '@farola/shared';
import type { Registers } from '@farola/agent/meter/tool/simulate/simulated-registers.js';

/** How a line is paced. */
export interface PacedLineOptions {
  /** The compiled program, `paced-line.c`. */
  readonly program: string;
  readonly baud: number;
  /** What a slave takes from the silence behind a question to the first bit of its answer, ms. */
  readonly latencyMs: number;
  /** Registers by unit; the slaves hold the same for all functions. */
  readonly units: ReadonlyMap<number, Registers>;
}

/** What a line has seen since it was asked before. */
export interface LineGaps {
  readonly questions: number;
  /** The shortest silence between the end of an answer and the next question, ms, by the clock of the line. */
  readonly leastGapMs: number;
  /** How many were shorter than 3.5 characters. */
  readonly shorter: number;
  /** How late the latest byte of the line was, ms: what the machine adds to the times of the line. */
  readonly latestByteMs: number;
}

/** A terminal with simulated slaves behind it, which takes the time that a serial line would. */
export interface PacedLine {
  readonly path: string;
  gaps(): Promise<LineGaps>;
  close(): Promise<void>;
}

const ANSWER_MS = 60_000;

/** Starts a line in a process of its own. Rejects when it ends. */
export async function startPacedLine({ program, baud, latencyMs, units }: PacedLineOptions): Promise<PacedLine> {
  const child = spawn(program, [String(baud), String(latencyMs * 1_000)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const said: AsyncIterator<string, undefined> = createInterface(child.stdout)[Symbol.asyncIterator]();
  async function ask(order: string): Promise<string> {
    child.stdin.write(`${order}\n`);
    const timer = systemTimers.after(ANSWER_MS, () => child.kill('SIGKILL'));
    const answer = await said.next();
    timer.cancel();
    if (answer.done === true) throw new Error('the paced line ended');
    return answer.value;
  }
  for (const [unit, registers] of units) {
    child.stdin.write([...registers].map(([address, value]) => `${unit} ${address} ${value}\n`).join(''));
  }
  return {
    path: await ask('path'),
    gaps: async () => {
      const { questions, leastGapUs, shorter, latestByteUs } = JSON.parse(await ask('gaps')) as Record<string, number>;
      return {
        questions: questions ?? 0,
        leastGapMs: (leastGapUs ?? 0) / 1_000,
        shorter: shorter ?? 0,
        latestByteMs: (latestByteUs ?? 0) / 1_000,
      };
    },
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
