/** Where a command says what it did, and how. */
export interface Say {
  readonly out: (line: string) => void;
  /** One JSON object instead of lines. */
  readonly json: boolean | undefined;
}

/** Says what a command did: its facts where JSON is asked, else in words. */
export function say({ out, json }: Say, facts: object, ...lines: readonly string[]): void {
  if (json) out(JSON.stringify(facts));
  else lines.forEach((line) => out(line));
}
