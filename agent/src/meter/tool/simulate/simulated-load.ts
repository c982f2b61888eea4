/** Three phases at one moment, as a perfect meter sees them. */
export interface LoadInstant {
  /** Hz. */
  readonly frequency: number;
  /** L1, L2, L3. */
  readonly phases: readonly PhaseInstant[];
}

/** One phase at one moment: P = V * I * PF. */
export interface PhaseInstant {
  /** V, in steps of 0.1 V. */
  readonly voltage: number;
  /** A, in steps of 1 mA. */
  readonly current: number;
  /** In steps of 0.01, inductive. */
  readonly powerFactor: number;
}

/** A lighting circuit of three phases. */
export interface Circuit {
  /** W with all lamps of a phase at full power: L1, L2, L3. */
  readonly lampWatts: readonly [number, number, number];
  /** W that the control electronics draw from L1 day and night. */
  readonly standbyWatts: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Hours UTC of a November night in Malaga: lamps on, dimmed, full again before dawn, off. */
const NIGHT = { on: 17.4, dimmed: 23, full: 5.5, off: 6.6 } as const;
/** Share of full power while dimmed. */
const DIMMED = 0.6;
/** Hours that a change of power takes: lamps warm up, drivers fade. */
const RAMP_HOURS = 0.1;

/**
 * Share of full lamp power at a moment, 0 to 1: a dusk ramp, a dimmed middle of the night, a dawn ramp.
 * @param wallMs simulated time, ms since 1970 UTC
 */
export function lampShare(wallMs: number): number {
  const sinceOn = hoursAfter(NIGHT.on, wallMs);
  const night = hoursBetween(NIGHT.on, NIGHT.off);
  if (sinceOn >= night + RAMP_HOURS) return 0;
  const lit = Math.min(ramp(sinceOn), 1 - ramp(sinceOn - night));
  const dim = Math.min(
    ramp(sinceOn - hoursBetween(NIGHT.on, NIGHT.dimmed)),
    1 - ramp(sinceOn - hoursBetween(NIGHT.on, NIGHT.full)),
  );
  return lit * (1 - (1 - DIMMED) * dim);
}

function hoursAfter(hour: number, wallMs: number): number {
  return ((wallMs % DAY_MS) / HOUR_MS - hour + 24) % 24;
}

function hoursBetween(from: number, to: number): number {
  return (to - from + 24) % 24;
}

function ramp(hours: number): number {
  return Math.min(1, Math.max(0, hours / RAMP_HOURS));
}

/** The circuit at a moment; the same for the same seed and time. */
export function loadAt(circuit: Circuit, seed: number, wallMs: number): LoadInstant {
  const share = lampShare(wallMs);
  const phases = circuit.lampWatts.map((lampWatts, phase) => {
    const own = seed * 3 + phase;
    const voltage = rounded(230.5 - 1.2 * share + 1.6 * wobble(own, wallMs), 1);
    const watts = lampWatts * share * (1 + 0.01 * wobble(own + 101, wallMs)) + (phase === 0 ? circuit.standbyWatts : 0);
    // LED drivers have a poor power factor when dimmed, and a capacitive one when they only wait.
    const powerFactor = rounded(share === 0 ? 0.52 : 0.82 + 0.14 * share, 2);
    return { voltage, current: rounded(watts / (voltage * powerFactor), 3), powerFactor };
  });
  return { frequency: rounded(50 + 0.02 * wobble(seed + 977, wallMs), 2), phases };
}

/** A slow, smooth movement between -1 and 1 that depends on seed and time alone. */
function wobble(seed: number, wallMs: number): number {
  const minutes = wallMs / 60_000;
  return (
    0.5 * Math.sin(minutes / 17 + seed * 1.7) +
    0.3 * Math.sin(minutes / 3.1 + seed * 2.9) +
    0.2 * Math.sin(minutes / 0.7 + seed * 4.3)
  );
}

function rounded(value: number, decimals: number): number {
  const factor = 10 ** decimals;
  return Math.round(value * factor) / factor;
}
