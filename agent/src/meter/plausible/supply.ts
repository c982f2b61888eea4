/** What feeds a panel, and how large it can be. */
export interface Supply {
  /** Nominal voltage from phase to neutral, V. */
  readonly volts: number;
  /** Nominal frequency, Hz. */
  readonly hertz: number;
  /** 1: only L1 is wired, and nothing is said of the others. */
  readonly phases: 1 | 3;
  /** Primary current of the transformers, A; undefined where it is not known. */
  readonly ctPrimaryA: number | undefined;
  /** Whether voltage transformers stand between panel and analyser. */
  readonly hasVt: boolean;
}

/** No panel of street lighting draws more, W: 1 MW is 1 440 A on three phases of 230 V. As docs/aggregates.md has it. */
const ANY_PANEL_W = 1_000_000;
/** What transformers and switchgear bear for a while beyond their rating. */
const OVERLOAD = 2;
/** Load of a phase below which ratios are not looked at, A: ten times the 0.1 A that a direct meter needs to be in its class. */
const SMALL_A = 1;
/** As much of the rated current: IEC 62053-21 states limits of error for meters on transformers from 2 % of it on. */
const SMALL_SHARE = 0.02;
/** A meter may show nothing up to a fifth of that: IEC 62053-21 lets one of class 1 start at 0.4 % of its basic current. */
const START_SHARE = 0.2;

/** The most that the analyser can measure, W. */
export function mostWatts({ volts, phases, ctPrimaryA, hasVt }: Supply): number {
  if (ctPrimaryA === undefined || hasVt) return ANY_PANEL_W;
  return Math.min(ANY_PANEL_W, OVERLOAD * ctPrimaryA * volts * phases);
}

/** Load of a phase below which ratios say nothing, VA. */
export function smallVa({ volts, ctPrimaryA = 0 }: Supply): number {
  return volts * Math.max(SMALL_A, SMALL_SHARE * ctPrimaryA);
}

/** What one phase may draw without showing, VA. */
export function unseenVa(supply: Supply): number {
  return START_SHARE * smallVa(supply);
}
