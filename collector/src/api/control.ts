import type { ErrorCode } from '@farola/shared';

/** What a running collector does for the command line. */
export interface Control {
  /** Polls one LCU now. */
  poll(lcuId: string): Promise<ControlAnswer>;
  /** How the process is. */
  status(): ControlAnswer;
}

/** An answer on the control socket: the facts, or a code of the error table with its facts. */
export type ControlAnswer =
  | { readonly ok: true; readonly value: Readonly<Record<string, string | number | null>> }
  | { readonly ok: false; readonly code: ErrorCode; readonly facts: Readonly<Record<string, string | number>> };

/** Name of the control socket in the run folder. */
export const CONTROL_SOCKET = 'control.sock';
