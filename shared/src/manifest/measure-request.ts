import type { ErrorCode, Facts } from '../errors.js';
import type { Measured, PlatformRequest } from './measurer.js';

/** What the measuring thread is asked, one request after the reply to the other. */
export type MeasureRequest =
  { readonly do: 'tree'; readonly root: string } | { readonly do: 'platform'; readonly of: PlatformRequest };

/** What it replies: what was measured, or an error of the table. */
export type MeasureReply =
  { readonly ok: true; readonly measured: Measured } | { readonly ok: false; readonly code: ErrorCode; readonly facts: Facts };

/** The last that it is told; its last message is then what the next thread begins with as `workerData`, a `Uint8Array`. */
export const MEASURE_END = 'end';
