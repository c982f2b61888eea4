/** A moment that every sample of an epoch lies after, or before. */
export interface Bound {
  /** Wall time, ms since 1970 UTC. */
  readonly wallMs: number;
  /**
   * What the monotonic clock of the epoch's boot said then, ms: samples lie as far from the bound as that clock tells. Null
   * when that is not known: they lie on its side.
   */
  readonly monoMs: number | null;
  /** Whether a contact dates it; else a clock of the LCU does. */
  readonly byContact: boolean;
}

/** Between what the samples of an epoch were taken; undefined where nothing tells. */
export interface EpochBounds {
  readonly after: Bound | undefined;
  readonly before: Bound | undefined;
}

/** The earliest that something at this monotonic time can have been; undefined: at an unknown time of the epoch. */
export function earliest({ wallMs, monoMs }: Bound, atMonoMs: number | undefined): number {
  return monoMs === null || atMonoMs === undefined ? wallMs : wallMs + Math.max(0, atMonoMs - monoMs);
}

/** The latest that something at this monotonic time can have been. */
export function latest({ wallMs, monoMs }: Bound, atMonoMs: number): number {
  return monoMs === null ? wallMs : wallMs - Math.max(0, monoMs - atMonoMs);
}
