/** How often a line is added where the output is no terminal, ms: the first comes after that, so that short work says nothing. */
const PLAIN_EVERY_MS = 30_000;
/** How often it is written over on a terminal, ms. */
const TERMINAL_EVERY_MS = 200;

/** A line on a terminal that is written over again and again; elsewhere a line now and then. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #everyMs: number;
  #writtenMs: number;
  #width = 0;

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream;
    this.#everyMs = stream.isTTY ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS;
    this.#writtenMs = stream.isTTY ? -Infinity : performance.now();
  }

  /** Shows how far the work is, unless it was shown just now. */
  show(text: string): void {
    const nowMs = performance.now();
    if (nowMs - this.#writtenMs < this.#everyMs) return;
    this.#writtenMs = nowMs;
    if (this.#stream.isTTY) this.#write(text);
    else this.#stream.write(`${text}\n`);
  }

  /** Takes the line away, so that something else can be printed. */
  clear(): void {
    if (this.#width === 0) return;
    this.#write('');
    this.#stream.write('\r');
    this.#width = 0;
  }

  #write(text: string): void {
    this.#stream.write(`\r${text.padEnd(this.#width)}`);
    this.#width = text.length;
  }
}
