/**
 * Port: of which latest values and contacts it is not known any more how long ago they were received, since the wall clock of
 * the collector went back in between. A loss belongs to one value, by its entry: it stays as long as the value is the latest,
 * also when derived state is made anew. One process writes, any number reads. Errors: `disk-failure`, `ledger-corrupt`.
 */
export interface AgeLosses {
  /**
   * Every latest value and contact of now loses its age, durably; with `laterThanMs` those that were received later, by the wall
   * clock of then. Gives how many values did that had one.
   */
  lose(laterThanMs?: number): number;
  /** When the newest latest value that has an age was received, wall time in ms; undefined when there is none. */
  newestMs(): number | undefined;
  /** Whether the last verified answer of an LCU, received then, was lost the age of. */
  isContactLost(lcuNo: number, lastGoodAtMs: number | null): boolean;
}
