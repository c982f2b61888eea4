import type { ErrorCode, Facts } from '@farola/shared';

/** Port: records of what happened. Never throws. */
export interface Log {
  info(facts: Facts, message: string): void;
  /** Something was refused or failed, and the program goes on as before. */
  warn(code: ErrorCode, facts: Facts): void;
  /** Something failed that costs data, or ends the program. */
  fail(code: ErrorCode, facts: Facts): void;
}
