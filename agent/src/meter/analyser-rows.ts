import { FarolaError, quantityByName } from '@farola/shared';
import type { AnalyserRow } from '@farola/shared';
import type { AgentConfig, AnalyserConfig } from '../config/config-schema.js';
import type { LoadedProfile, Profiles } from './profile/profile-file.js';
import { scanGroups } from './scan-groups.js';
import type { ScanGroup } from './scan-groups.js';

/** A row of the analyser table and what it is made from. */
export interface PlannedRow {
  readonly row: AnalyserRow;
  readonly analyser: AnalyserConfig;
  readonly group: ScanGroup;
  readonly loaded: LoadedProfile;
}

/**
 * The analyser table of a configuration: one row for each scan group, analyser by analyser, `index` counting on over all.
 * @throws FarolaError `config-invalid` when a profile is missing, which `loadAgentConfig` rules out
 */
export function analyserRows({ analysers, sampleSeconds }: AgentConfig, profiles: Profiles): PlannedRow[] {
  return analysers
    .flatMap((analyser) => {
      const loaded = profileOf(analyser, profiles);
      const quantities = loaded.profile.rows.map(({ quantity }) => quantity);
      return scanGroups(quantities, analyser.scanGroups, sampleSeconds).map((group) => ({ analyser, group, loaded }));
    })
    .map((planned, index) => ({ ...planned, row: rowOf(index, planned) }));
}

function rowOf(index: number, { analyser, group, loaded }: Omit<PlannedRow, 'row'>): AnalyserRow {
  const { id, line, unit, serialNumber, ctRatio, vtRatio } = analyser;
  const { profile, hash, origin } = loaded;
  return {
    index,
    id,
    line,
    unit,
    profileId: profile.id,
    profileHash: hash,
    profileOrigin: origin,
    serialNumber: serialNumber ?? null,
    ctRatio: ctRatio ? [ctRatio.primary, ctRatio.secondary] : null,
    vtRatio: vtRatio ? [vtRatio.primary, vtRatio.secondary] : null,
    quantities: group.rows.map((row) => quantityByName(profile.rows[row]?.quantity ?? '')?.id ?? 0),
    periodS: group.seconds,
  };
}

/** The profile of an analyser. @throws FarolaError `config-invalid` when it is missing, which `loadAgentConfig` rules out */
export function profileOf(analyser: Pick<AnalyserConfig, 'id' | 'profile'>, profiles: Profiles): LoadedProfile {
  const loaded = profiles.get(analyser.profile);
  if (loaded) return loaded;
  const problems = `  there is no profile \`${analyser.profile}\``;
  throw new FarolaError('config-invalid', { path: `analyser ${analyser.id}`, count: 1, problems });
}
