import type { ErrorCode, Facts } from '../errors.js';
import type { Measured, PlatformRequest } from './measurer.js';

/** What the measuring thread is asked. */
export type MeasureRequest =
  | { readonly id: number; readonly do: 'tree'; readonly root: string }
  | { readonly id: number; readonly do: 'platform'; readonly of: PlatformRequest };

/** What it answers: what was measured, or an error of the table. */
export type MeasureReply =
  | { readonly id: number; readonly ok: true; readonly measured: Measured }
  | { readonly id: number; readonly ok: false; readonly code: ErrorCode; readonly facts: Facts };
