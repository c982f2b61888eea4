import { FarolaError, systemClock, toHex } from '@farola/shared';
import type { PlannedRow } from '../meter/analyser-rows.js';
import type { Refusals } from '../meter/plan/plan-memory.js';
import { readRunning } from '../status/fs-run-status.js';
import type { MeterStatus } from '../status/run-status.js';

/** What the running agent learned of an analyser. */
export interface LearnedPlan {
  /** What it takes to answer, ms; undefined as long as nothing was learned. */
  readonly answerMs: number | undefined;
  readonly refusals: Refusals;
}

/** What the running agent learned of its analysers; and why that cannot be read, where it cannot. */
export interface LearnedPlans {
  readonly of: (planned: PlannedRow) => LearnedPlan | undefined;
  readonly problem: FarolaError | undefined;
}

/** Reads it from the run folder. Where no agent runs nothing is learned; of another profile, line or address than is configured now neither. */
export function learnedPlans(runDir: string): LearnedPlans {
  let units: MeterStatus['units'] = [];
  let problem: FarolaError | undefined;
  try {
    const running = readRunning(runDir, systemClock().now().monoMs);
    if (running && 'status' in running) ({ units } = running.status.meter);
  } catch (error) {
    if (!(error instanceof FarolaError)) throw error;
    problem = error;
  }
  return {
    problem,
    of: ({ row: { id, line, unit }, loaded: { hash } }) => {
      const found = units.find((one) => one.id === id && one.line === line && one.unit === unit)?.plan;
      if (found?.profileHash !== toHex(hash)) return undefined;
      const { answerMs, refusedRows: rows, refusedBlocks: blocks } = found;
      return { answerMs: answerMs ?? undefined, refusals: { rows, blocks } };
    },
  };
}
