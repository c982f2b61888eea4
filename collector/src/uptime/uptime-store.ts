import type { OutcomeRun } from './outcome-run.js';

/**
 * Port: what the rounds of each LCU came to. One process writes, others read. Errors: `disk-failure`, `ledger-corrupt`.
 */
export interface UptimeStore {
  /** The latest run of an LCU; undefined when it was never polled. */
  last(lcuNo: number): OutcomeRun | undefined;
  /** One transaction. A run that is stored already, by its LCU and begin, takes the new number of rounds. */
  write(runs: readonly OutcomeRun[]): void;
  /** The runs of an LCU with rounds in [fromMs, toMs), oldest first; they do not overlap. */
  runs(lcuNo: number, fromMs: number, toMs: number): readonly OutcomeRun[];
  /**
   * Drops the runs that ended before a wall time, ms, of the next so many LCUs behind a number, in one transaction. Gives the number
   * of the last of them; undefined when none is left.
   */
  dropEnded(beforeMs: number, afterLcuNo: number, lcus: number): number | undefined;
}
