import { LineArbiter } from '@farola/agent/meter/line/line-arbiter.js';
import type { LineOptions } from '@farola/agent/meter/line/line-arbiter.js';
import type { LineTiming } from '@farola/agent/meter/line/line-timing.js';
import type { ByteTransport } from '@farola/agent/meter/line/byte-transport.js';
import { FarolaError } from '@farola/shared';
import { FakeTime } from './fake-time.js';

/** Times that a test need not name. */
const TIMING: LineTiming = { byteMs: 0, gapMs: 0, unitGapMs: 0, timeoutMs: 1_000, worstLatenessMs: 3_000 };

/** A line on a clock that a test moves. `ask` answers with the frame or the code of the error. */
export function lineOf<T extends ByteTransport>(transport: T, timing: Partial<LineTiming> = {}, more: Partial<LineOptions> = {}) {
  const time = new FakeTime();
  const nowMs = () => time.now().monoMs;
  const line = new LineArbiter({ line: 'main', transport, nowMs, timers: time, timing: { ...TIMING, ...timing }, ...more });
  const ask = (request: Uint8Array, signal?: AbortSignal, priority?: 'person' | 'sample' | 'spare') =>
    line.exchange({ analyser: 'one', request, priority }, signal).catch((error: unknown): string => {
      if (error instanceof FarolaError) return error.code;
      throw error;
    });
  return { time, transport, line, ask };
}
