import type { Lcu } from './fleet.js';

/** What an LCU said of the keys statement that it goes by. */
export interface KeysNote {
  readonly lcuNo: number;
  readonly sequence: number;
  /** SHA-256 of the payload of that statement. */
  readonly keysHash: Uint8Array;
  /** When it said so, wall time, ms. */
  readonly atMs: number;
}

/** Port: which keys statement each LCU goes by. Any number of processes. Errors: `disk-failure`, `ledger-corrupt`. */
export interface KeysBook {
  /** Notes what an LCU said; durable when it returns. */
  note(note: KeysNote): void;
  /** One for each LCU that ever said so. */
  all(): readonly KeysNote[];
}

/** Whether the keys of an LCU in this state matter: those of one that never was, or is no more, in use do not. */
export function goesByKeys({ state }: Pick<Lcu, 'state'>): boolean {
  return state === 'active' || state === 'quarantined';
}
