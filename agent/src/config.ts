import { createHash } from 'node:crypto';
import {
  configInvalid,
  configUnread,
  examineYaml,
  type FarolaError,
  problemText,
  promisedFs,
  readYaml,
  shellWord,
  type YamlProblem,
} from '@farola/shared';
import * as z from 'zod';
import { contradictions } from './config/config-consistency.js';
import { AGENT_CONFIG_PATH } from './config/config-path.js';
import { agentConfigSchema } from './config/config-schema.js';
import { hiddenLineProblems } from './config/hidden-line-problems.js';
import type { AgentConfig } from './config/config-schema.js';
import { mergedText } from './config/remote-config.js';
import { tableProblems } from './config/table-problems.js';
import { SHIPPED_PROFILES, readProfiles } from './meter/profile/profile-file.js';
import type { FoundProfiles, Profiles } from './meter/profile/profile-file.js';

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
 * @throws FarolaError `config-invalid` with all problems, each with its path and line
 */
export function parseAgentConfig(text: string, path: string, profilesKnown: ReadonlySet<string>): AgentConfig {
  return checked({ text, path, isMerged: false }, { profiles: new Map(), ids: profilesKnown, problems: [] });
}

/** A text that is checked. */
interface Checked {
  readonly text: string;
  readonly path: string;
  /** Whether it was put together of two, so that its lines are not those of the file. */
  readonly isMerged: boolean;
}

function checked({ text, path, isMerged }: Checked, { profiles, ids, problems: elsewhere }: FoundProfiles): AgentConfig {
  const { value, problems: ofFields, raw, place } = examineYaml(text, agentConfigSchema);
  const hidden = ofFields.length === 0 ? [] : hiddenLineProblems(text);
  const quantitiesOf = (id: string): string[] | undefined => profiles.get(id)?.profile.rows.map(({ quantity }) => quantity);
  const between = contradictions(raw, ids, quantitiesOf);
  const areGood = ofFields.length + between.length + elsewhere.length === 0;
  const ofTable = value !== undefined && areGood && profiles.size > 0 ? tableProblems(value, profiles) : [];
  const located = [...between, ...ofTable].map((problem): YamlProblem => ({ kind: 'value', ...problem, ...place(problem.path) }));
  const told = [...ofFields, ...hidden, ...located].toSorted((one, other) => (one.line ?? 0) - (other.line ?? 0));
  const problems = [
    ...new Set(told.map((one) => problemText(isMerged ? withoutPlace(one) : one))),
    ...elsewhere.flatMap(problemLines),
  ];
  if (value !== undefined && problems.length === 0) return value;
  throw configInvalid(isMerged ? `${path}, with what the collector set` : path, problems);
}

function withoutPlace({ line: _line, column: _column, ...problem }: YamlProblem): YamlProblem {
  return problem;
}

/**
 * Reads the configuration and the profiles that it can name.
 * @param remote text of the collector, whose fields take the place of those of the file
 * @throws FarolaError those of `configUnread`, or `config-invalid` with all problems of the file and of the profiles
 */
export async function loadAgentConfig(path: string = AGENT_CONFIG_PATH, remote?: string): Promise<LoadedAgentConfig> {
  const bytes = await readConfigFile(path);
  const text = mergedText(new TextDecoder().decode(bytes), remote);
  const { profilesDir, named } = referredTo(text);
  const found = await readProfiles([SHIPPED_PROFILES, { path: profilesDir, origin: 'own' }], named);
  const config = checked({ text, path, isMerged: remote !== undefined }, found);
  return { config, configHash: hashOf(bytes, remote), profiles: found.profiles };
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

/** The bytes of a configuration file. @throws those of `configUnread` */
export async function readConfigFile(path: string): Promise<Uint8Array> {
  try {
    return await promisedFs.readFile(path);
  } catch (error) {
    throw configUnread(path, error, { missing: writeItTo(path), denied: 'run this as root or as the user farola' });
  }
}

function writeItTo(path: string): string {
  const isUsual = path === AGENT_CONFIG_PATH;
  const init = isUsual ? 'farola-agent init' : `farola-agent init --config ${shellWord(path)}`;
  const other = isUsual ? 'name another one by --config' : 'check the path';
  return `${other}, or write it: \`${init}\` makes an example, docs/config.md lists every field`;
}
