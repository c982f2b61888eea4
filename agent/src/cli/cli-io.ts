/** What a command reads from and prints to. */
export interface CliIo {
  /** Prints one line of result. */
  out(line: string): void;
  /** Prints one line of error or hint. */
  err(line: string): void;
  /** All of standard input. */
  readInput(): Promise<string>;
  /** Asks the person at the terminal for a line; undefined when nobody sits there. */
  readonly ask?: ((question: string) => Promise<string>) | undefined;
  /** Aborted, with an `Interrupted`, when the user, or systemd, wants an end. */
  readonly signal: AbortSignal;
  /** Whether stack traces are wanted (FAROLA_DEBUG=1). */
  readonly debug: boolean;
}
