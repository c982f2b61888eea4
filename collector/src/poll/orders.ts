import type { Refusal } from '@farola/shared';
import type { Session } from './session.js';

/** Sends a frame on the connection of a session, and gives the one that comes for it. One at a time. */
export type Tell = (frame: Uint8Array) => Promise<{ readonly ok: true; readonly frame: Uint8Array } | Refusal>;

/** Port: what is brought to a connected LCU beside polls, after the polls of a round. */
export interface Orders {
  /** Whether something waits for this LCU. Asked in every round: it must be quick. */
  waitsFor(session: Session): boolean;
  /** Brings what waits for it. Never rejects. */
  deliver(session: Session, tell: Tell): Promise<void>;
}
