import { FarolaError } from '../errors.js';

const INDENT = '  ';

/** The error `config-invalid` with all problems of a configuration. @param problems one line each, with the path of the field */
export function configInvalid(path: string, problems: readonly string[]): FarolaError {
  const lines = problems.map((problem) => INDENT + problem);
  return new FarolaError('config-invalid', { path, count: problems.length, problems: lines.join('\n') });
}

/** The problems that an error of a configuration tells, as `configInvalid` took them; none of any other error. */
export function problemsOfConfig(error: unknown): readonly string[] {
  if (!(error instanceof FarolaError) || error.code !== 'config-invalid') return [];
  return String(error.facts['problems'])
    .split('\n')
    .map((line) => line.slice(INDENT.length));
}
