/** A panel and what is said of it. */
export interface Panel {
  readonly panel: string;
  readonly addedAtMs: number;
  /** Name of the IANA database; null: that of the configuration. */
  readonly timeZone: string | null;
  /** Names of the LCUs that are in it now. */
  readonly lcus: readonly string[];
}

/** Port: the panels. Any number of processes. Errors besides those named: `disk-failure`, `ledger-corrupt`. */
export interface Panels {
  /** All, by name. */
  list(): readonly Panel[];
  /** Says in which time zone a panel is; null takes that back. Error: `panel-unknown`. */
  setTimeZone(panel: string, timeZone: string | null): void;
}
