import type { ErrorCode, Facts } from '@farola/shared';
import type { ConfigReader } from './config-reader.js';

/** What the thread that reads configurations is asked: a method of the port, and what it is called with. */
export type ConfigRequest = {
  [Name in keyof ConfigReader]: { readonly do: Name; readonly with: Parameters<ConfigReader[Name]> };
}[keyof ConfigReader];

/** What it says: the outcome, or the error of the table. */
export type ConfigReply =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly code: ErrorCode; readonly facts: Facts };
