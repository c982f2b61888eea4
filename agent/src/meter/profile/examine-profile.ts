import { basename } from 'node:path';
import { examineYaml } from '@farola/shared';
import type { YamlPlace, YamlProblem } from '@farola/shared';
import { profileFindings } from './profile-rules.js';
import type { Finding } from './profile-rules.js';
import { profileSchema } from './profile-schema.js';
import { soundPart } from './sound-part.js';
import type { Profile } from './profile.js';

/** A problem of a profile, and where it stands. */
export interface ProfileProblem extends Finding, Partial<YamlPlace> {
  /** What the schema said, where it is a problem of the schema. */
  readonly schema?: YamlProblem;
}

/** A profile text, and everything that is wrong with it or left open. */
export interface ExaminedProfile {
  /** undefined when there is an error in the text or against the schema. */
  readonly profile: Profile | undefined;
  readonly problems: readonly ProfileProblem[];
}

/**
 * Holds a profile against the schema, and what is right in form against what the schema cannot say; problems stand in the order of the file.
 * @param path of the file, whose name must be that of the profile
 */
export function examineProfile(text: string, path: string): ExaminedProfile {
  const { value, problems, raw, place } = examineYaml(text, profileSchema);
  const wrong = problems.map((schema): ProfileProblem => {
    const { path: at, message, line, column } = schema;
    return { severity: 'error', path: at, message, ...(line && column ? { line, column } : {}), schema };
  });
  const findings = value ? [...misnamed(value, path), ...profileFindings(value)] : beside(raw, problems, path);
  const placed = findings.map((finding): ProfileProblem => ({ ...finding, ...place(finding.path) }));
  return { profile: value, problems: [...wrong, ...placed].toSorted(byPlace) };
}

/** What has no place of its own comes last. */
function byPlace(a: ProfileProblem, b: ProfileProblem): number {
  const [lineA, lineB] = [a.line ?? Infinity, b.line ?? Infinity];
  return lineA === lineB ? (a.column ?? 0) - (b.column ?? 0) : lineA - lineB;
}

/** Mistakes of meaning beside those of form: what only follows from these is left out, and so is what is left open. */
function beside(raw: unknown, problems: readonly YamlProblem[], path: string): Finding[] {
  const sound = soundPart(raw, problems);
  if (!sound) return [];
  const { profile, leftOut } = sound;
  const findings = [...(leftOut.has('id') ? [] : misnamed(profile, path)), ...profileFindings(profile, sound)];
  return findings.filter(({ severity, path: at }) => {
    const isOfSources = at.at(-1) === 'source' || at.at(-1) === 'defaultSource';
    return severity === 'error' && !(isOfSources && leftOut.has('sources'));
  });
}

function misnamed({ id }: Profile, path: string): Finding[] {
  const expected = `${id}.yaml`;
  if (basename(path) === expected) return [];
  return [{ severity: 'error', path: ['id'], message: `the file of ${id} is called ${expected}` }];
}
