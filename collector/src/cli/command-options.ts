/** What every command gets. */
export interface CommandOptions {
  /** Path of the configuration. */
  readonly config: string;
  /** Prints one line on standard output. */
  readonly out: (line: string) => void;
}
