/**
 * Keeps of a value what an allowlist names, and nothing else: a field that nobody thought of stays out. `a.b` names a field of an
 * object, or of each object of an array; what it names is kept whole when it is no object, and as far as longer names go when it is.
 */
export function pickFields(value: unknown, allowed: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => pickFields(item, allowed));
  if (typeof value !== 'object' || value === null) return value;
  const kept: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) {
    const below = allowed.filter((path) => path.startsWith(`${name}.`)).map((path) => path.slice(name.length + 1));
    if (below.length > 0) kept[name] = pickFields(field, below);
    else if (allowed.includes(name) && !isObject(field)) kept[name] = field;
  }
  return kept;
}

/** Also in an array. */
function isObject(value: unknown): boolean {
  return Array.isArray(value) ? value.some(isObject) : typeof value === 'object' && value !== null;
}

/** Where the problems of a configuration are, without what it says there, which may be anything. @param problems as `readYaml` gives them */
export function problemPlaces(problems: readonly string[]): string[] {
  return problems.map((problem) => {
    const [, path = '', line = ''] = /^([\w.[\]]*) ?(\(line \d+\))?:/.exec(problem.trim()) ?? [];
    const known = !problem.includes('is not a field that is known here') && path !== '';
    return `${known ? path : 'something that is not known here'} ${line}`.trim();
  });
}
