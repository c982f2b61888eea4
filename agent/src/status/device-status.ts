import type { DeviceState } from '../meter/identity/device-check.js';
import { modelText } from '../meter/identity/device-report.js';
import type { MeterStatus } from './run-status.js';

/** What a status says of the device at the place of an analyser. */
export function deviceStatus(
  state: DeviceState | undefined,
): Pick<MeterStatus['analysers'][number], 'device' | 'mismatch' | 'settings'> {
  const { facts = null, mismatch = null, settings = [] } = state ?? {};
  const device = facts && { model: modelText(facts), serialNumber: facts.serialNumber, firmware: facts.firmware };
  return { device, mismatch, settings: [...settings] };
}
