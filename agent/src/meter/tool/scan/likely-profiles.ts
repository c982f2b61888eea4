import { FarolaError, quantityByName } from '@farola/shared';
import type { Asked } from '../../identity/ask-fact.js';
import { decodeRow } from '../../profile/decode-registers.js';
import { spanOf } from '../../profile/profile.js';
import type { Profile, ProfileRow } from '../../profile/profile.js';

/** What a line in service shows: low-voltage networks of 50 and 60 Hz, with room for a bad day. */
const BANDS: Readonly<Partial<Record<ProfileRow['quantity'], readonly { readonly from: number; readonly to: number }[]>>> = {
  voltageL1: [
    { from: 90, to: 140 },
    { from: 190, to: 270 },
  ],
  frequency: [
    { from: 49, to: 51 },
    { from: 59, to: 61 },
  ],
};

/** What says that the device is not there, and not that it has no such register. */
const GONE: ReadonlySet<string> = new Set([
  'meter-timeout',
  'meter-unreachable',
  'line-unavailable',
  'permission-denied',
  'port-in-use',
]);

/**
 * Of the profiles that name no register of identity, those by which voltage and frequency are plausible. It is no proof: families of one maker share
 * addresses.
 * @throws the reason of the signal
 */
export async function likelyProfiles(asked: Asked, profiles: Iterable<Profile>, signal: AbortSignal): Promise<string[]> {
  const nameless = [...profiles].filter(({ identity }) => !identity?.model);
  return (await plausibleProfiles(asked, nameless, signal)).filter(({ plausible }) => plausible).map(({ id }) => id);
}

/**
 * Of profiles that a device says it fits alike, those by which voltage and frequency are not plausible; none where they are by none: the
 * panel has no voltage then.
 * @throws the reason of the signal
 */
export async function unlikelyProfiles(asked: Asked, profiles: Iterable<Profile>, signal: AbortSignal): Promise<string[]> {
  const verdicts = await plausibleProfiles(asked, profiles, signal);
  const unlikely = verdicts.filter(({ plausible }) => !plausible);
  return unlikely.length === verdicts.length ? [] : unlikely.map(({ id }) => id);
}

/** Profiles that can be judged so, in their order, until the device is gone. */
async function plausibleProfiles(
  asked: Asked,
  profiles: Iterable<Profile>,
  signal: AbortSignal,
): Promise<{ readonly id: string; readonly plausible: boolean }[]> {
  const judged: { id: string; plausible: boolean }[] = [];
  for (const profile of profiles) {
    const rows = profile.rows.filter(({ quantity }) => BANDS[quantity]);
    if (rows.length === 0) continue;
    const verdict = await areAllPlausible(asked, profile, rows, signal);
    if (verdict === 'gone') break;
    judged.push({ id: profile.id, plausible: verdict });
  }
  return judged;
}

async function areAllPlausible(
  asked: Asked,
  profile: Profile,
  rows: readonly ProfileRow[],
  signal: AbortSignal,
): Promise<boolean | 'gone'> {
  for (const row of rows) {
    try {
      if (!isPlausible(row, await valueOf(asked, profile, row, signal))) return false;
    } catch (error) {
      if (!(error instanceof FarolaError)) throw error;
      return GONE.has(error.code) ? 'gone' : false;
    }
  }
  return true;
}

async function valueOf(
  { analyser, unit, client }: Asked,
  profile: Profile,
  row: ProfileRow,
  signal: AbortSignal,
): Promise<number> {
  const { from, to } = spanOf(row);
  const count = profile.evenCountOnly ? 2 * Math.ceil((to - from) / 2) : to - from;
  const functionCode = row.functionCode ?? profile.functionCode;
  const bytes = await client.read({ analyser, unit, functionCode, address: from, count }, signal);
  const value = decodeRow(row, { address: from, bytes }, profile);
  const decimals = quantityByName(row.quantity)?.decimals ?? 0;
  return value === null ? Number.NaN : Number(value) / 10 ** decimals;
}

function isPlausible({ quantity }: ProfileRow, value: number): boolean {
  return BANDS[quantity]?.some(({ from, to }) => value >= from && value <= to) ?? false;
}
