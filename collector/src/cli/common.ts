/** What every command gets. */
export interface CommonOptions {
  /** Path of the configuration. */
  readonly config: string;
  /** Prints one line on standard output. */
  readonly out: (line: string) => void;
}
