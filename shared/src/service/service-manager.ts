/** What a program tells of itself, see sd_notify(3). */
export interface ServiceState {
  /** It serves. */
  readonly ready?: true;
  /** It ends in order. */
  readonly stopping?: true;
  /** Its loops get on: the watchdog may wait anew. */
  readonly alive?: true;
  /** How it is, in one line. */
  readonly status?: string;
  /** It is still starting or stopping, and wants this much longer, ms. */
  readonly moreTimeMs?: number;
}

/** Port: whoever started this program and waits for it. Any number of callers; nothing of it throws. */
export interface ServiceManager {
  /** Within this time `alive` must come again and again, ms; undefined when nobody watches. */
  readonly watchdogMs: number | undefined;
  /** Tells, in the order of the calls; what waits behind a message that is on its way goes out as one. */
  tell(state: ServiceState): void;
  /** Resolves when all that was told has gone out, or could not. */
  told(): Promise<void>;
}

/** Of a program that a person started: nobody is told. */
export const NO_SERVICE_MANAGER: ServiceManager = {
  watchdogMs: undefined,
  tell: () => undefined,
  told: () => Promise.resolve(),
};
