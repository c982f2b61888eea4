import { createHash } from 'node:crypto';
import { configInvalid, errnoOf, FarolaError, promisedFs, readYaml, whyFailed } from '@farola/shared';
import * as z from 'zod';
import { contradictions } from './config/config-consistency.js';
import { AGENT_CONFIG_PATH } from './config/config-path.js';
import { agentConfigSchema } from './config/config-schema.js';
import { hiddenLineProblems } from './config/hidden-line-problems.js';
import type { AgentConfig } from './config/config-schema.js';
import { mergedText, remoteProblems } from './config/remote-config.js';
import { tableProblems } from './config/table-problems.js';
import { SHIPPED_PROFILES, readProfiles } from './meter/profile/profile-file.js';
import type { Profiles } from './meter/profile/profile-file.js';

export { agentConfigSchema } from './config/config-schema.js';
export type { AgentConfig, AnalyserConfig, LineConfig } from './config/config-schema.js';

/** A configuration with what it refers to. */
export interface LoadedAgentConfig {
  readonly config: AgentConfig;
  /** SHA-256 of the file's bytes, and of the collector's text behind them, 32 bytes; each start entry of the journal carries it. */
  readonly configHash: Uint8Array;
  /** The profiles that analysers name: shipped ones, and those of `profilesDir`. */
  readonly profiles: Profiles;
}

/**
 * Parses the text of a configuration.
 * @param path of the file, for messages
 * @param profilesKnown ids of the profiles that exist
 * @throws FarolaError `config-invalid` with all problems, each with its path
 */
export function parseAgentConfig(text: string, path: string, profilesKnown: ReadonlySet<string>): AgentConfig {
  return checked(text, path, profilesKnown, new Map(), []);
}

function checked(
  text: string,
  path: string,
  profilesKnown: ReadonlySet<string>,
  profiles: Profiles,
  problemsElsewhere: readonly string[],
): AgentConfig {
  const outcome = readYaml(text, agentConfigSchema);
  const raw: unknown = outcome.ok ? outcome.value : outcome.raw;
  const ofText = outcome.ok ? [] : [...outcome.problems, ...hiddenLineProblems(text)];
  const quantitiesOf = (id: string): string[] | undefined => profiles.get(id)?.profile.rows.map(({ quantity }) => quantity);
  const between = contradictions(raw, profilesKnown, quantitiesOf);
  const problems = [...new Set(ofText), ...between, ...problemsElsewhere];
  if (outcome.ok && problems.length === 0 && profiles.size > 0) problems.push(...tableProblems(outcome.value, profiles));
  if (outcome.ok && problems.length === 0) return outcome.value;
  throw configInvalid(path, problems);
}

/**
 * Reads the configuration and the profiles that it can name.
 * @param remote text of the collector, whose fields take the place of those of the file
 * @throws FarolaError `config-unreadable`, or `config-invalid` with all problems of the file and of the profiles
 */
export async function loadAgentConfig(path: string = AGENT_CONFIG_PATH, remote?: string): Promise<LoadedAgentConfig> {
  const bytes = await readConfigFile(path);
  const text = mergedText(new TextDecoder().decode(bytes), remote);
  const { profilesDir, named } = referredTo(text);
  const { profiles, ids, problems } = await readProfiles([SHIPPED_PROFILES, { path: profilesDir, origin: 'own' }], named);
  const config = checked(text, path, ids, profiles, problems.flatMap(problemLines));
  return { config, configHash: hashOf(bytes, remote), profiles };
}

/**
 * Judges a text of the collector: by itself, and with the file in whose fields' place its own come.
 * @throws FarolaError as `loadAgentConfig`
 */
export async function checkRemoteConfig(path: string | undefined, remote: string): Promise<void> {
  const problems = remoteProblems(remote);
  if (problems.length > 0) throw configInvalid('configuration of the collector', problems);
  await loadAgentConfig(path, remote);
}

/** A profile may have several problems: each is one, with the profile that it is of. */
function problemLines({ message }: FarolaError): string[] {
  const [first = '', ...others] = message.split('\n').map((line) => line.trim());
  return others.length === 0 ? [first] : others.map((other) => `${first} ${other}`);
}

function hashOf(bytes: Uint8Array, remote = ''): Uint8Array {
  return new Uint8Array(createHash('sha256').update(bytes).update(remote).digest());
}

/** The folder of own profiles, and the ids that analysers name: both must be known before the rest can be judged. */
function referredTo(text: string): { profilesDir: string; named: ReadonlySet<string> } {
  const field = agentConfigSchema.shape.profilesDir;
  const outcome = readYaml(text, REFERRING);
  if (!outcome.ok) return { profilesDir: field.parse(undefined), named: new Set() };
  const { profilesDir, analysers } = outcome.value;
  return { profilesDir: field.catch(field.parse(undefined)).parse(profilesDir), named: new Set(analysers) };
}

/** What is wrong with a configuration is told by its own schema. */
const REFERRING = z.looseObject({
  profilesDir: z.unknown().optional(),
  analysers: z
    .array(
      z
        .looseObject({ profile: z.string().catch('') })
        .catch({ profile: '' })
        .transform(({ profile }) => profile),
    )
    .catch([]),
});

const REMEDIES: Readonly<Record<string, string>> = {
  EACCES: 'run this as root or as the user farola',
  EISDIR: 'name a file, not a folder',
};

async function readConfigFile(path: string): Promise<Uint8Array> {
  try {
    return await promisedFs.readFile(path);
  } catch (error) {
    const code = errnoOf(error);
    if (code === undefined) throw error;
    const remedy = code === 'ENOENT' ? writeItTo(path) : (REMEDIES[code] ?? 'look at the disk');
    throw new FarolaError('config-unreadable', { path, reason: whyFailed(error, path), remedy }, { cause: error });
  }
}

function writeItTo(path: string): string {
  const init = path === AGENT_CONFIG_PATH ? 'farola-agent init' : `farola-agent init --config ${path}`;
  return `check the path, or write it: \`${init}\` makes an example, docs/config.md lists every field`;
}
