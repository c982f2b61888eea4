import { withCrc } from '../../line/rtu-frame.js';
import type { Faults, Reply } from './faults.js';

/** Puts faults onto what a meter answers. Questions for other units count for nothing. */
export function faultyMeter(
  answer: (request: Uint8Array) => Uint8Array | undefined,
  { silentAfter = Infinity, delayMs = 0, exception, lateMs = 0, every = 1 }: Faults,
): (request: Uint8Array) => Reply {
  let asked = 0;
  return (request) => {
    const good = answer(request);
    if (!good) return { frame: undefined, afterMs: 0 };
    asked++;
    if (asked > silentAfter) return { frame: undefined, afterMs: 0 };
    const isHit = asked % every === 0;
    const [unit = 0, functionCode = 0] = request;
    const frame = isHit && exception !== undefined ? withCrc(Uint8Array.of(unit, functionCode | 0x80, exception)) : good;
    return { frame, afterMs: delayMs + (isHit ? lateMs : 0) };
  };
}
