import { type ErrorCode, plainFacts, problemOf, type Refusal } from '@farola/shared';
import type { FleetReader, Lcu, Standing } from '../fleet/fleet.js';
import type { PollService } from '../poll/poll-service.js';

/** What a running collector does for the command line. */
export interface Control {
  /** Polls one LCU now. */
  poll(lcuId: string): Promise<ControlAnswer>;
  /** Takes a decision about an LCU in, at once. */
  decide(lcuId: string, asked: AskedDecision): ControlAnswer;
  /** How the process is. */
  status(): ControlAnswer;
}

type ControlValue = string | number | null | Readonly<Record<string, string | number | null>>;

/** An answer on the control socket: the facts, or a code of the error table with its facts. */
export type ControlAnswer =
  | { readonly ok: true; readonly value: Readonly<Record<string, ControlValue>> }
  | { readonly ok: false; readonly code: ErrorCode; readonly facts: Readonly<Record<string, string | number>> };

/** What a person decides. */
export type AskedDecision = Omit<Standing, 'atMs'>;

/** Longest reason and name that a decision may have, characters. */
export const DECISION_TEXT_LENGTH = 500;

/** What the control works with. */
export interface ControlDeps {
  readonly fleet: Pick<FleetReader, 'find'>;
  /** Takes a decision in, in ledger, fleet and connections. Throws FarolaError. */
  readonly decide: (lcuId: string, asked: AskedDecision) => Lcu;
  /** Why an LCU may hold no connection; undefined where it may. */
  readonly judge: (lcu: Lcu) => Refusal | undefined;
  readonly polls: Pick<PollService, 'pollNow' | 'counts' | 'storeTrouble'>;
  /** Connections that were refused since the start, by code of the error table. */
  readonly refused: () => Readonly<Record<string, number>>;
  /** How long it has run, ms. */
  readonly runningMs: () => number;
  /** Makes what was polled visible to other processes. */
  readonly writeDerived: () => void;
}

/** The control of a polling collector. */
export function controlOf({ polls, refused, fleet, decide, judge, writeDerived, runningMs }: ControlDeps): Control {
  return {
    async poll(lcuId) {
      const lcu = fleet.find(lcuId);
      if (!lcu) return { ok: false, code: 'lcu-unknown', facts: { lcu: lcuId } };
      const barred = judge(lcu);
      if (barred) return { ok: false, code: barred.code, facts: plainFacts(barred.facts) };
      const result = await polls.pollNow(lcu);
      writeDerived();
      if (!result.ok) return { ok: false, code: result.code, facts: plainFacts(result.facts) };
      const { entriesStored, backlog } = result.value;
      return { ok: true, value: { entriesStored, backlog: backlog ?? null } };
    },
    decide(lcuId, asked) {
      const { state } = decide(lcuId, asked);
      return { ok: true, value: { lcu: lcuId, state } };
    },
    status() {
      const notStored = polls.storeTrouble ? { ...problemOf(polls.storeTrouble) } : null;
      return { ok: true, value: { ...polls.counts, runningMs: runningMs(), refused: refused(), notStored } };
    },
  };
}
