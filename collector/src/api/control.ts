import type { ErrorCode, Facts } from '@farola/shared';
import type { Fleet } from '../fleet/fleet.js';
import type { PollService } from '../poll/poll-service.js';

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

/**
 * The control of a polling collector.
 * @param writeDerived makes what was polled visible to other processes
 */
export function controlOf(
  polls: Pick<PollService, 'pollNow' | 'counts'>,
  fleet: Pick<Fleet, 'find'>,
  writeDerived: () => void,
): Control {
  return {
    async poll(lcuId) {
      const lcu = fleet.find(lcuId);
      if (!lcu) return { ok: false, code: 'lcu-unknown', facts: { lcu: lcuId } };
      const result = await polls.pollNow(lcu);
      writeDerived();
      if (result.ok) return { ok: true, value: { entriesStored: result.value.entriesStored, backlog: result.value.backlog } };
      return { ok: false, code: result.code, facts: printable(result.facts) };
    },
    status: () => ({ ok: true, value: { ...polls.counts } }),
  };
}

/** Facts as JSON can carry them. */
function printable(facts: Facts): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [name, typeof value === 'bigint' ? String(value) : value]),
  );
}
