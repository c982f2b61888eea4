import type { Timers } from '@farola/shared';
import type { LineConfig } from '../../config/config-schema.js';
import { LineArbiter } from '../line/line-arbiter.js';
import { timingOf } from '../line/line-timing.js';
import type { RegisterClient } from '../line/register-client.js';
import type { MeterDeps } from '../meter.js';

/** What a line of a tool is made with. */
export type ToolLineDeps = Pick<MeterDeps, 'transportOf' | 'clientOf' | 'nowMs'> & { readonly timers: Timers };

/** A line on which units are asked that no configuration names. */
export interface ToolLine {
  readonly client: RegisterClient;
  readonly counters: LineArbiter['counters'];
  /** Releases it. */
  close(): Promise<void>;
}

/** Makes a line; it is opened at the first question. */
export function toolLine(line: LineConfig, { transportOf, clientOf, nowMs, timers }: ToolLineDeps): ToolLine {
  const arbiter = new LineArbiter({ line: line.id, transport: transportOf(line), nowMs, timers, timing: timingOf(line) });
  return {
    client: clientOf(arbiter),
    counters: arbiter.counters,
    close: () => arbiter.close(),
  };
}
