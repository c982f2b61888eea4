import { FarolaError, problemText, sha256, shellWord } from '@farola/shared';
import type { ProfileOrigin } from '@farola/shared';
import { examineProfile } from './examine-profile.js';
import type { LoadedProfile } from './profile-file.js';

/**
 * Parses one profile file.
 * @throws FarolaError `profile-invalid` with all problems, each with its path
 */
export function parseProfile(bytes: Uint8Array, path: string, origin: ProfileOrigin): LoadedProfile {
  const { profile, problems } = examineProfile(new TextDecoder().decode(bytes), path);
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (!profile || errors.length > 0) {
    const texts = errors.map((problem) => problemText(problem.schema ?? { kind: 'value', ...problem }));
    const remedy = `\`farola-agent profile check ${shellWord(path)}\` explains each, docs/profiles.md lists every field`;
    throw new FarolaError('profile-invalid', { path, problems: texts.map((text) => `\n  ${text}`).join(''), remedy });
  }
  return { profile, origin, hash: sha256(bytes), path };
}
