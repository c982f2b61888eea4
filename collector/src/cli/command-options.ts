/** What every command gets. */
export interface CommandOptions {
  /** Path of the configuration. */
  readonly config: string;
  /** Prints one line on standard output. */
  readonly out: (line: string) => void;
  /** Prints one line for a person beside the result, on standard error; as a line of result where it is not told. */
  readonly note?: ((line: string) => void) | undefined;
  /** Asks the person at the terminal for a line; undefined when nobody sits there. */
  readonly ask?: ((question: string) => Promise<string>) | undefined;
  /** Width of the terminal that it prints on, in characters; undefined when that is none. */
  readonly columns?: number | undefined;
  /** One JSON object instead of lines. */
  readonly json?: boolean;
}

/** Says what a command did: its facts where JSON is asked, else in words. */
export function say({ out, json }: Pick<CommandOptions, 'out' | 'json'>, facts: object, ...lines: readonly string[]): void {
  if (json) out(JSON.stringify(facts));
  else lines.forEach((line) => out(line));
}
