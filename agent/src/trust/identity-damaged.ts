import { FarolaError } from '@farola/shared';

/** The error of a part of the identity that cannot be used, and that no program can mend. @param reason what is wrong with it */
export function identityDamaged(path: string, reason: string): FarolaError {
  const remedy =
    'put it back from a backup; without one `farola-agent enroll --abort` gives this identity up, and a new token of the operator makes another';
  return new FarolaError('state-file-invalid', { path, reason, remedy });
}
