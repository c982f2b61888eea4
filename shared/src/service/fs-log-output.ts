import { writeSync } from 'node:fs';
import { errnoOf } from '../fs-failure.js';
import type { LineSink } from './journal-stream.js';

/** Writes bytes as write(2) does: gives how many it took, or throws with the code of the kernel. */
export type WriteBytes = (bytes: Uint8Array) => number;

/** What a log's output works with. */
export interface LogOutputDeps {
  /** Standard output when it is not told. */
  readonly write?: WriteBytes;
  /** Lets time pass, ms, while a reader makes room. The whole program stands still meanwhile. */
  readonly wait?: (ms: number) => void;
  /** Told once lines can be written again: how many could not, and why the last one could not. */
  readonly onBack: (lost: number, reason: string) => void;
}

/** How long a reader that is behind is waited for, ms: once, and not again before it has taken something. */
const PATIENCE_MS = 100;
const STEP_MS = 5;
const LINE_END = 10;

/**
 * Where a program that must go on writes its log. A line that cannot be written is dropped and counted: a full disk, a reader that ended
 * or one that stands still costs lines of the log, and nothing else.
 */
export function logOutput({ write = toStandardOutput, wait = sleep, onBack }: LogOutputDeps): LineSink {
  let lost = 0;
  let reason = '';
  /** Whether what was written last is half a line. */
  let isCut = false;
  const put = (bytes: Uint8Array): void => {
    let patienceMs = lost > 0 ? 0 : PATIENCE_MS;
    for (let from = 0; from < bytes.length;) {
      try {
        from += write(bytes.subarray(from));
        isCut = bytes[from - 1] !== LINE_END;
      } catch (error) {
        if (errnoOf(error) !== 'EAGAIN' || patienceMs <= 0) throw error;
        wait(STEP_MS);
        patienceMs -= STEP_MS;
      }
    }
  };
  return {
    write(line) {
      try {
        put(Buffer.from(isCut ? `\n${line}` : line));
      } catch (error) {
        lost++;
        reason = errnoOf(error) ?? String(error);
        return;
      }
      if (lost === 0) return;
      const told = lost;
      lost = 0;
      onBack(told, reason);
    },
  };
}

function toStandardOutput(bytes: Uint8Array): number {
  return writeSync(1, bytes);
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
