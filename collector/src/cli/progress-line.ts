import { counted } from '@farola/shared';
/** How often a line is added where the output is no terminal, ms: the first comes after that, so that short work says nothing. */
const PLAIN_EVERY_MS = 30_000;

/** A line on a terminal that is written over again and again; elsewhere a line now and then. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #everyMs: number;
  readonly #beganMs = performance.now();
  #writtenMs: number;
  #width = 0;

  /** @param everyMs how often it is written; where nothing is told 0.2 s on a terminal, 30 s elsewhere */
  constructor(stream: NodeJS.WriteStream = process.stderr, everyMs = stream.isTTY ? 200 : PLAIN_EVERY_MS) {
    this.#stream = stream;
    this.#everyMs = everyMs;
    this.#writtenMs = stream.isTTY ? -Infinity : this.#beganMs;
  }

  /** Shows how far the work is. @param share of the whole, 0 to 1 */
  show(what: string, rows: number, share: number): void {
    const nowMs = performance.now();
    if (nowMs - this.#writtenMs < this.#everyMs) return;
    this.#writtenMs = nowMs;
    const text = progressText(what, rows, share, (nowMs - this.#beganMs) / 1000);
    if (this.#stream.isTTY) this.#write(text);
    else this.#stream.write(`${text}\n`);
  }

  /** Takes the line away. */
  end(): void {
    if (this.#width > 0) this.#write('');
    if (this.#width >= 0 && this.#stream.isTTY) this.#stream.write('\r');
  }

  #write(text: string): void {
    this.#stream.write('\r' + text.padEnd(this.#width));
    this.#width = text.length;
  }
}

/** `2026-11: 120000 rows, 43 %, 7200 rows/s, 22 s left`. */
export function progressText(what: string, rows: number, share: number, seconds: number): string {
  const percent = Math.min(100, Math.floor(share * 100));
  const left = share > 0 ? `${Math.ceil((seconds * (1 - share)) / share)} s left` : '';
  const rate = seconds > 0 ? Math.round(rows / seconds) : 0;
  return [`${what}: ${counted(rows, 'row')}`, `${percent} %`, `${rate} rows/s`, left].filter((part) => part !== '').join(', ');
}
