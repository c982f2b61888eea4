import { FarolaError } from './errors.js';
import { QUANTITIES } from './quantities.js';

/** How many names are offered. */
const OFFERED = 5;

/** `quantity-unknown`, with the names of the registry that are nearest to what was written. */
export function unknownQuantity(name: string): FarolaError {
  const written = name.slice(0, 64).toLowerCase();
  const near = QUANTITIES.map((quantity) => ({ name: quantity.name, away: distance(written, quantity.name.toLowerCase()) }))
    .toSorted((a, b) => a.away - b.away)
    .slice(0, OFFERED);
  return new FarolaError('quantity-unknown', { name, near: near.map((one) => one.name).join(', ') });
}

/** A part of a name, such as `power`, is as near as can be; else what must be changed (Levenshtein). */
function distance(written: string, known: string): number {
  return written !== '' && known.includes(written) ? 0 : levenshtein(written, known);
}

/** Letters to insert, drop or replace to make one text of another, V. I. Levenshtein, Soviet Physics Doklady 10 (1966) 707. */
function levenshtein(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const here = [row];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (above[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1);
      here.push(Math.min(replaced, (above[column] ?? 0) + 1, (here[column - 1] ?? 0) + 1));
    }
    above = here;
  }
  return above[to.length] ?? 0;
}
