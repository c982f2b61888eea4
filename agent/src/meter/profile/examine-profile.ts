import { basename } from 'node:path';
import { examineYaml } from '@farola/shared';
import type { YamlPlace, YamlProblem } from '@farola/shared';
import { profileFindings } from './profile-rules.js';
import type { Finding } from './profile-rules.js';
import { profileSchema } from './profile-schema.js';
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

/** Holds a profile against the schema, and what the schema cannot say. @param path of the file, whose name must be that of the profile */
export function examineProfile(text: string, path: string): ExaminedProfile {
  const { value, problems, place } = examineYaml(text, profileSchema);
  const wrong = problems.map((schema): ProfileProblem => {
    const { path: at, message, line, column } = schema;
    return { severity: 'error', path: at, message, ...(line && column ? { line, column } : {}), schema };
  });
  if (!value) return { profile: undefined, problems: wrong };
  const findings = [...misnamed(value, path), ...profileFindings(value)];
  return { profile: value, problems: findings.map((finding) => ({ ...finding, ...place(finding.path) })) };
}

function misnamed({ id }: Profile, path: string): Finding[] {
  const expected = `${id}.yaml`;
  if (basename(path) === expected) return [];
  return [{ severity: 'error', path: ['id'], message: `the file of ${id} is called ${expected}` }];
}
