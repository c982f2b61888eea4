import { FarolaError } from '../errors.js';
import { errnoOf, isPathFault, whyFailed } from '../fs-failure.js';

/** What to do about a configuration that cannot be read. */
export interface ConfigRemedies {
  /** It is not there. */
  readonly missing: string;
  /** This user may not read it. */
  readonly denied: string;
}

/**
 * What to throw for what reading a configuration threw: `config-unreadable` when it is not there, or no file; `permission-denied`
 * when this user may not read it; `disk-failure` when the disk does not give it. What no file system threw comes back as it is.
 */
export function configUnread(path: string, error: unknown, { missing, denied }: ConfigRemedies): unknown {
  const code = errnoOf(error);
  if (code === undefined) return error;
  if (code === 'EACCES' || code === 'EPERM')
    return new FarolaError('permission-denied', { path, remedy: denied }, { cause: error });
  const reason = whyFailed(error, path);
  if (!isPathFault(error)) return new FarolaError('disk-failure', { path, reason }, { cause: error });
  const remedy = code === 'EISDIR' ? 'name a file, not a folder' : missing;
  return new FarolaError('config-unreadable', { path, reason, remedy }, { cause: error });
}
