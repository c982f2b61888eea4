import type { DeviceState } from '../meter/identity/device-check.js';
import { modelText } from '../meter/identity/device-report.js';
import type { MeterStatus } from './run-status.js';

/** What a status says of the device at the place of an analyser. */
export function deviceStatus(state: DeviceState | undefined): Pick<MeterStatus['analysers'][number], 'device' | 'mismatch'> {
  if (!state?.facts) return { device: null, mismatch: state?.mismatch ?? null };
  const { serialNumber, firmware } = state.facts;
  return { device: { model: modelText(state.facts), serialNumber, firmware }, mismatch: state.mismatch };
}
