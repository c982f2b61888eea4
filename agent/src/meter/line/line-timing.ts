import type { LineConfig } from '../../config/config-schema.js';
import type { Profile } from '../profile/profile.js';

/** Above 19200 baud the silence between frames is fixed (Modbus over serial line V1.02, section 2.5.1.1). */
const FIXED_GAP_ABOVE_BAUD = 19_200;
const FIXED_GAP_MS = 1.75;
const GAP_CHARACTERS = 3.5;

/** Time of one byte on the line, ms; 0 behind a gateway, whose baud rate is not known here. */
export function byteMsOf(line: LineConfig): number {
  if (line.transport !== 'rtu') return 0;
  const bits = 1 + line.dataBits + (line.parity === 'none' ? 0 : 1) + line.stopBits;
  return (bits * 1_000) / line.baud;
}

/** Silence before each question, whole ms: what the line is configured to, else what the bus and its models need. */
export function gapMsOf(line: LineConfig, profiles: readonly Pick<Profile, 'minGapMs'>[]): number {
  if (line.gapMs !== undefined) return line.gapMs;
  const models = profiles.map((profile) => profile.minGapMs);
  return Math.ceil(Math.max(busGapMs(line), ...models));
}

function busGapMs(line: LineConfig): number {
  if (line.transport !== 'rtu') return 0;
  return line.baud > FIXED_GAP_ABOVE_BAUD ? FIXED_GAP_MS : GAP_CHARACTERS * byteMsOf(line);
}
