import type { FarolaError } from '@farola/shared';
import type { UptimeStore } from './uptime-store.js';

/**
 * Stands in for an `uptime.db` that cannot be opened, so that LCUs are polled all the same: whoever asks or writes is told why, and rounds
 * are not counted meanwhile.
 */
export function unopenedUptime(why: FarolaError): UptimeStore & { close(): void } {
  const tell = (): never => {
    throw why;
  };
  return { last: tell, write: tell, runs: tell, dropEnded: tell, close: () => undefined };
}
