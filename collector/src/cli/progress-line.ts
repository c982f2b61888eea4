import { counted } from '@farola/shared';
/** A line on a terminal that is written over again and again; says nothing where the output is no terminal. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #everyMs: number;
  readonly #beganMs = performance.now();
  #writtenMs = -Infinity;
  #width = 0;

  /** @param stream where it is written, if that is a terminal */
  constructor(stream: NodeJS.WriteStream = process.stderr, everyMs = 200) {
    this.#stream = stream;
    this.#everyMs = everyMs;
  }

  /** Shows how far the work is. @param share of the whole, 0 to 1 */
  show(what: string, rows: number, share: number): void {
    const nowMs = performance.now();
    if (!this.#stream.isTTY || nowMs - this.#writtenMs < this.#everyMs) return;
    this.#writtenMs = nowMs;
    this.#write(progressText(what, rows, share, (nowMs - this.#beganMs) / 1000));
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
