import { FarolaError } from '@farola/shared';
import { agentConfigSchema } from '../config.js';
import type { AgentConfig, LineConfig } from '../config.js';
import { loadEffectiveConfig } from '../config/fs-effective-config.js';
import type { Profiles } from '../meter/profile/profile-file.js';
import type { Profile } from '../meter/profile/profile.js';
import { describedLine, describesLine, ensureUnread, wholeNumber, withTimeout } from './meter-line.js';
import type { LineFlags } from './meter-line.js';
import { namedProfile } from './named-profile.js';

/** Which analysers a command works on: configured ones, or one that flags describe. */
export interface TargetFlags extends LineFlags {
  /** With a line that flags describe: profile of the analyser on it. */
  readonly profile?: string | undefined;
  /** The same: its address. */
  readonly unit?: string | undefined;
}

/** Analysers to read, as a configuration has them. */
export interface MeterTarget {
  readonly config: AgentConfig;
  readonly profiles: Profiles;
  /** Ids of those that are meant. */
  readonly chosen: readonly string[];
}

/** Name of an analyser that flags describe. */
const FLAGGED = 'meter';

/**
 * The analysers that are meant: those named, or all, or all of a line; no agent reads their lines now.
 * @throws FarolaError `usage`, `analyser-unknown`, `line-in-use`, `profile-unreadable`, `profile-invalid`; those of the configuration
 */
export async function meterTarget(flags: TargetFlags, ids: readonly string[] = []): Promise<MeterTarget> {
  if (describesLine(flags)) return flaggedTarget(flags, ids);
  if (flags.profile !== undefined) throw new FarolaError('usage', { reason: '--profile needs a line: --port, or --host' });
  const { config: configured, profiles } = await loadEffectiveConfig(flags.config);
  const config = { ...configured, lines: configured.lines.map((line) => withTimeout(line, flags)) };
  const onLine = config.analysers.filter(({ line }) => flags.line === undefined || line === flags.line);
  const known = onLine.map(({ id }) => id);
  if (known.length === 0) throw new FarolaError('usage', { reason: `no analyser is on a line \`${flags.line ?? ''}\`` });
  const unknown = ids.find((id) => !known.includes(id));
  if (unknown !== undefined) throw new FarolaError('analyser-unknown', { analyser: unknown, known: known.join(', ') });
  const chosen = ids.length === 0 ? known : ids;
  ensureUnread(
    config,
    onLine.filter(({ id }) => chosen.includes(id)).map(({ line }) => line),
  );
  return { config, profiles, chosen };
}

async function flaggedTarget({ profile: name, unit, ...flags }: TargetFlags, ids: readonly string[]): Promise<MeterTarget> {
  if (name === undefined || unit === undefined || ids.length > 0)
    throw new FarolaError('usage', { reason: 'a line that flags describe needs --profile and --unit, and no id' });
  const { line, profilesDir } = await describedLine(flags);
  const profile = await namedProfile(name, profilesDir);
  const analyser = { id: FLAGGED, line: line.id, unit: wholeNumber(unit, '--unit', 1, 247), profile: profile.id };
  const config = agentConfigSchema.parse({ lines: [line], analysers: [analyser] });
  const loaded = { profile, origin: 'own' as const, hash: new Uint8Array(32), path: name };
  return { config, profiles: new Map([[profile.id, loaded]]), chosen: [FLAGGED] };
}

/**
 * The one analyser that is meant: named, the only one, or described by flags. Of a configured one `--profile` puts another profile in place of its own.
 * @throws as `meterTarget`
 */
export async function oneAnalyser(
  flags: TargetFlags,
  id: string | undefined,
): Promise<{ readonly line: LineConfig; readonly unit: number; readonly profile: Profile }> {
  const isDescribed = describesLine(flags);
  const { profile: other, ...without } = flags;
  const { config, profiles, chosen } = await meterTarget(isDescribed ? flags : without, id === undefined ? [] : [id]);
  const [only] = chosen;
  const analyser = config.analysers.find((one) => one.id === only);
  const line = config.lines.find((one) => one.id === analyser?.line);
  if (chosen.length > 1) throw new FarolaError('usage', { reason: `which analyser? ${chosen.join(', ')}` });
  const own = profiles.get(analyser?.profile ?? '')?.profile;
  if (!analyser || !line || !own) throw new RangeError('an analyser has a line and a profile');
  const profile = other === undefined || isDescribed ? own : await namedProfile(other, config.profilesDir);
  return { line, unit: analyser.unit, profile };
}
