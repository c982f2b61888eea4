import { readFile } from 'node:fs/promises';
import { counted, errnoOf, FarolaError, pathText, plainProblem, whyFailed } from '@farola/shared';
import { agentConfigSchema } from '../config.js';
import type { AgentConfig } from '../config.js';
import { lineAdapters } from '../meter/line/line-adapters.js';
import { readProfiles, SHIPPED_PROFILES } from '../meter/profile/profile-file.js';
import type { Profiles } from '../meter/profile/profile-file.js';
import { VirtualTime } from '../meter/tool/transcript/node-virtual-time.js';
import { replayTranscript } from '../meter/tool/transcript/replay-transcript.js';
import type { Replayed, ReplayedReading } from '../meter/tool/transcript/replay-transcript.js';
import { parseTranscript } from '../meter/tool/transcript/transcript.js';
import { namedProfile } from './named-profile.js';
import { ownProfiles } from './config-if-any.js';
import { say } from './say.js';

/** What `farola-agent meter replay` is asked. */
export interface MeterReplayOptions {
  /** A profile, id or file, in place of those of the recording. */
  readonly profile?: string | undefined;
  /** Names the folder of own profiles. */
  readonly config?: string | undefined;
  readonly json?: boolean | undefined;
}

/**
 * Reads as a recording did, with the recording as the line, and tells what is read otherwise now.
 * @throws FarolaError `transcript-invalid`, `transcript-unreadable`, `profile-unreadable`, `profile-invalid`;
 * `transcript-differs` when anything does; those of a configuration that was named
 */
export async function replayMeter(path: string, options: MeterReplayOptions, out: (line: string) => void): Promise<void> {
  const replayed = await replayFile(path, options.profile, await ownProfiles(options.config));
  const differing = replayed.readings.filter(({ differs }) => differs.length > 0);
  const facts = {
    path,
    readings: replayed.readings.map(({ recorded, status, differs }) => ({ analyserId: recorded.analyser, status, differs })),
    unknownQuestions: replayed.unknown,
  };
  const lines = replayed.readings.flatMap(readingLines);
  const unknown = replayed.unknown.map((bytes) => `not recorded: > ${bytes}`);
  say({ out, json: options.json }, facts, ...lines, ...unknown);
  if (differing.length > 0 || replayed.unknown.length > 0)
    throw new FarolaError('transcript-differs', { path, readings: differing.length, questions: replayed.unknown.length });
}

/**
 * What a transcript gives now.
 * @param profilesDir folder of own profiles; the usual one when it is not told
 * @throws as `replayMeter`, but for `transcript-differs`
 */
export async function replayFile(path: string, profile?: string, profilesDir?: string): Promise<Replayed> {
  const transcript = parseTranscript(await read(path), path);
  const parsed = agentConfigSchema.safeParse({ ...transcript.config, profilesDir });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const inside = (at: unknown, step: PropertyKey): unknown =>
      typeof at === 'object' && at !== null ? Reflect.get(at, step) : undefined;
    const found = issue?.path.reduce(inside, transcript.config as unknown);
    const reason = issue ? `${pathText(issue.path)} ${plainProblem(issue, found)}` : 'is not as it must be';
    throw new FarolaError('transcript-invalid', { path, line: 2, reason });
  }
  const time = new VirtualTime();
  const profiles = await profilesOf(parsed.data, profile);
  const { clientOf } = await lineAdapters();
  return time.run(replayTranscript(transcript, { time, config: parsed.data, profiles, clientOf }));
}

async function profilesOf({ analysers, profilesDir }: AgentConfig, other: string | undefined): Promise<Profiles> {
  const { profiles } = await readProfiles([SHIPPED_PROFILES, { path: profilesDir, origin: 'own' }]);
  const named = new Map(profiles);
  for (const { profile: id } of analysers) {
    const loaded = named.get(id) ?? { origin: 'own' as const, hash: new Uint8Array(32), path: id };
    if (other !== undefined || !('profile' in loaded))
      named.set(id, { ...loaded, profile: await namedProfile(other ?? id, profilesDir) });
  }
  return named;
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    throw new FarolaError('transcript-unreadable', { path, reason: whyFailed(error, path) }, { cause: error });
  }
}

function readingLines({ recorded, status, values, differs }: ReplayedReading): string[] {
  const verdict = differs.length === 0 ? 'as recorded' : counted(differs.length, 'difference');
  return [
    `${recorded.analyser} at ${(recorded.atMs / 1_000).toFixed(1)} s: ${status}, ${verdict}`,
    ...differs.map((name) =>
      name === 'status'
        ? `  status: was ${recorded.status}`
        : `  ${name}: was ${recorded.values[name] ?? 'not read'}, is ${values[name] ?? 'not read'}`,
    ),
  ];
}
