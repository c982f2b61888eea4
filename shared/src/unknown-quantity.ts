import { editDistance } from './edit-distance.js';
import { FarolaError } from './errors.js';
import { QUANTITIES } from './quantities.js';

/** How many names are offered. */
const OFFERED = 5;
/** Letters of what was written that are looked at. */
const LOOKED_AT = 64;

/** `quantity-unknown`, with the names of the registry that are like what was written, the most like first, if any are. */
export function unknownQuantity(name: string): FarolaError {
  const written = name.slice(0, LOOKED_AT).toLowerCase();
  const most = Math.max(1, Math.floor(written.length / 3));
  const near = QUANTITIES.map((quantity) => ({ name: quantity.name, away: distance(written, quantity.name.toLowerCase()) }))
    .filter(({ away }) => away <= most)
    .toSorted((a, b) => a.away - b.away)
    .slice(0, OFFERED);
  const names = near.map((one) => one.name).join(', ');
  return new FarolaError('quantity-unknown', { name, near: names === '' ? '' : `; near ones are: ${names}` });
}

/** A part of a name, such as `power`, is as near as can be; else what must be changed, of which a third of its letters may be. */
function distance(written: string, known: string): number {
  return written !== '' && known.includes(written) ? 0 : editDistance(written, known);
}
