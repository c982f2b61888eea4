import { pause } from '@farola/shared';
import type { Clock, Timers } from '@farola/shared';
import type { AnalyserReader, Reading } from './reading.js';

/** The wall clock is looked at this often at least, so that a step of it is noticed. */
const LOOK_MS = 1_000;

/** Takes one reading. When it throws, the sampler ends with that error. */
export type ReadingSink = (analyserIndex: number, reading: Reading) => void | Promise<void>;

/** What is sampled, how often, and where to. */
export interface SamplerOptions {
  /** Readers by line: those of one line are read one after the other, lines side by side. */
  readonly lines: readonly (readonly { readonly index: number; readonly reader: AnalyserReader }[])[];
  /** Seconds between samples; a divisor of 3600. */
  readonly sampleSeconds: number;
  readonly sink: ReadingSink;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Called at each look at the clock, once a second at least, and after each reading: the sampler gets on. */
  readonly onStep?: () => void;
}

/** What the sampler did. */
export interface SamplerCounters {
  /** Rounds over all analysers, the one at the start included. */
  rounds: number;
  /** Boundaries that passed while a round was still going on. */
  skipped: number;
}

/** Samples until it is stopped. */
export interface Sampler {
  readonly counters: Readonly<SamplerCounters>;
  /** Samples once at once, then at each boundary of the wall clock, until aborted. Rejects with what the sink threw. */
  run(signal: AbortSignal): Promise<void>;
}

/**
 * Makes a sampler. Boundaries are whole multiples of the period since 1970 on the wall clock. When that clock is
 * stepped, a boundary counts only when half a period has gone by on the monotonic clock since the last one, so that no
 * period is sampled twice; a boundary that passes during a round is left out.
 */
export function createSampler(options: SamplerOptions): Sampler {
  const { clock, timers } = options;
  const periodMs = options.sampleSeconds * 1_000;
  const counters: SamplerCounters = { rounds: 0, skipped: 0 };
  const after = (wallMs: number): number => (Math.floor(wallMs / periodMs) + 1) * periodMs;

  return {
    counters,
    async run(signal) {
      await round(options, counters, signal);
      let boundaryMs = after(clock.now().wallMs);
      let lastMonoMs = -Infinity;
      while (!signal.aborted) {
        options.onStep?.();
        const now = clock.now();
        if (boundaryMs - now.wallMs > periodMs) boundaryMs = after(now.wallMs);
        if (now.wallMs < boundaryMs) {
          await pause(timers, Math.min(Math.ceil(boundaryMs - now.wallMs), LOOK_MS), signal);
          continue;
        }
        if (now.monoMs - lastMonoMs >= periodMs / 2) {
          lastMonoMs = now.monoMs;
          await round(options, counters, signal);
          counters.skipped += Math.floor((clock.now().monoMs - now.monoMs) / periodMs);
        }
        boundaryMs = after(clock.now().wallMs);
      }
    },
  };
}

async function round({ lines, sink, onStep }: SamplerOptions, counters: SamplerCounters, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  counters.rounds++;
  await Promise.all(
    lines.map(async (analysers) => {
      for (const { index, reader } of liveFirst(analysers)) {
        const reading = await readUnlessAborted(reader, signal);
        if (!reading) return;
        await sink(index, reading);
        onStep?.();
      }
    }),
  );
}

/** Those that were silent may cost a wait, which the others shall not feel. */
function liveFirst<T extends { readonly reader: AnalyserReader }>(analysers: readonly T[]): T[] {
  return analysers.toSorted((a, b) => Number(a.reader.isSilent) - Number(b.reader.isSilent));
}

async function readUnlessAborted(reader: AnalyserReader, signal: AbortSignal): Promise<Reading | undefined> {
  try {
    return signal.aborted ? undefined : await reader.read(signal);
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
