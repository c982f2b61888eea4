import { createHash } from 'node:crypto';
import {
  configInvalid,
  configUnread,
  examineYaml,
  type ExaminedYaml,
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
  return checked({ text, path }, { ids: profilesKnown, profiles: new Map(), problems: [] });
}

/** What is checked: the text that counts, and that of the collector where its fields are in it. */
interface CheckedText {
  readonly text: string;
  /** Of the file, for messages. */
  readonly path: string;
  readonly remote?: string | undefined;
}

/** The profiles that exist, and those that are named; what is wrong with these. */
interface FoundProfiles {
  readonly ids: ReadonlySet<string>;
  readonly profiles: Profiles;
  readonly problems: readonly string[];
}

function checked({ text, path, remote }: CheckedText, { ids, profiles, problems: elsewhere }: FoundProfiles): AgentConfig {
  const { value, problems: own, raw, place } = examineYaml(text, agentConfigSchema);
  const placeOf = remote === undefined ? place : placeIn(remote);
  const told = ({ path: field, message }: Pick<YamlProblem, 'path' | 'message'>): string =>
    problemText({ kind: 'value', path: field, ...placeOf(field), message });
  const ofFields = own.map((problem) => (remote === undefined ? problemText(problem) : told(problem)));
  const ofText = own.length === 0 ? [] : [...ofFields, ...hiddenLineProblems(text)];
  const quantitiesOf = (id: string): string[] | undefined => profiles.get(id)?.profile.rows.map(({ quantity }) => quantity);
  const between = contradictions(value ?? raw, ids, quantitiesOf).map(told);
  const problems = [...new Set(ofText), ...between, ...elsewhere];
  if (value && problems.length === 0 && profiles.size > 0) problems.push(...tableProblems(value, profiles).map(told));
  if (value && problems.length === 0) return value;
  throw configInvalid(path, problems);
}

/** Where a field stands in the text of the collector; nowhere, where it is one of the file: put together, they have other lines than each. */
function placeIn(remote: string): ExaminedYaml<unknown>['place'] {
  const { value: fields = {}, place } = examineYaml(remote, z.looseObject({}));
  return (path) => (Object.hasOwn(fields, path[0] ?? '') ? place(path) : undefined);
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
  const { profiles, ids, problems } = await readProfiles([SHIPPED_PROFILES, { path: profilesDir, origin: 'own' }], named);
  const config = checked({ text, path, remote }, { ids, profiles, problems: problems.flatMap(problemLines) });
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
