import { shownValue } from '@farola/shared';
import { closestName } from '../meter/profile/closest-name.js';
import { fits } from '../meter/scan-groups.js';
import type { FieldProblem } from './field-problem.js';

/** The profile that groups are of. */
interface GroupedProfile {
  readonly profile: string;
  readonly quantities: readonly string[];
}

/**
 * What is wrong with the scan groups of an analyser beside the shape of their fields, which may be anything here: names that
 * fit no quantity of its profile, and groups to which earlier ones leave nothing.
 * @param path of the list
 */
export function groupProblems(
  path: FieldProblem['path'],
  groups: unknown,
  { profile, quantities }: GroupedProfile,
): FieldProblem[] {
  if (!Array.isArray(groups)) return [];
  const free = new Set(quantities);
  return groups.flatMap((group: unknown, at) => {
    const wishes = wishesOf(group);
    const unknown = wishes.flatMap((wish, place) => {
      if (quantities.some((name) => fits(wish, name))) return [];
      const none = `${profile} has no quantity \`${shownValue(wish)}\``;
      return [{ path: [...path, at, 'quantities', place], message: none + meant(wish, quantities) }];
    });
    const own = [...free].filter((name) => wishes.some((wish) => fits(wish, name)));
    for (const name of own) free.delete(name);
    if (own.length > 0 || unknown.length === wishes.length) return unknown;
    const message = 'all that it names is in earlier groups; leave it out, or put it before them';
    return [...unknown, { path: [...path, at], message }];
  });
}

/** The closest name, or of a wish with `*` the closest begin of names. */
function meant(wish: string, quantities: readonly string[]): string {
  const isBegin = wish.endsWith('*');
  const name = isBegin ? wish.slice(0, -1) : wish;
  const lengths = isBegin ? [name.length, name.length + 1, name.length - 1].filter((length) => length > 0) : [];
  const known = isBegin ? lengths.flatMap((length) => quantities.map((one) => one.slice(0, length))) : quantities;
  const closest = closestName(name, known);
  return closest === undefined ? '' : `; did you mean \`${closest}${isBegin ? '*' : ''}\`?`;
}

/** Those that are text; of others their own schema tells. */
function wishesOf(group: unknown): string[] {
  const wishes: unknown = typeof group === 'object' && group !== null && 'quantities' in group ? group.quantities : [];
  return Array.isArray(wishes) ? wishes.filter((wish): wish is string => typeof wish === 'string') : [];
}
