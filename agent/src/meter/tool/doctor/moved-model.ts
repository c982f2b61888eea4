import type { FactRegister, Profile } from '../../profile/profile.js';
import { lengthOf } from '../../profile/register-type.js';
import type { RowChange } from './changed-row.js';

/** What a profile knows of its model beside head, rows and sources. */
type Model = Omit<Profile, 'id' | 'vendor' | 'models' | 'functionCode' | 'trust' | 'sources' | 'defaultSource' | 'rows'>;

const LAST = 0xffff;

/**
 * What is known of the model of a map whose rows lie elsewhere. Who counted the rows otherwise counted all of the map so: limits, identity, settings and what
 * must never be written move alike. By what was moved, or is read in another order, a device is only doubted and never refused: `trust: verify`.
 */
export function movedModel(profile: Profile, change: RowChange | null): Model {
  const { id: _id, vendor: _vendor, models: _models, functionCode: _code, trust: _trust, ...known } = profile;
  const { sources: _sources, defaultSource: _default, rows: _rows, ...model } = known;
  if (change === null) return model;
  const { offset } = change;
  const isThere = (addr: number): boolean => addr >= 0 && addr <= LAST;
  const moved = (addrs: readonly number[]): number[] => addrs.map((addr) => addr + offset).filter(isThere);
  const movedFact = <Fact extends FactRegister>(fact: Fact): Fact[] => {
    const addr = fact.addr + offset;
    return isThere(addr) && isThere(addr + lengthOf(fact) - 1) ? [{ ...fact, addr, trust: 'verify' }] : [];
  };
  const { identity, setup, neverWrite, exclusive, barriers, unreadable } = model;
  return {
    ...model,
    exclusive: moved(exclusive),
    barriers: moved(barriers),
    unreadable: unreadable.flatMap(({ from, to }) =>
      to + offset < 0 || from + offset > LAST ? [] : [{ from: Math.max(0, from + offset), to: Math.min(LAST, to + offset) }],
    ),
    ...(identity && {
      identity: Object.fromEntries(
        Object.entries(identity).flatMap(([name, fact]) => (fact ? movedFact(fact) : []).map((one) => [name, one])),
      ),
    }),
    setup: setup.flatMap(movedFact),
    // Coils are counted apart.
    neverWrite: neverWrite.flatMap((danger) => {
      const { register, to } = danger;
      if (register === undefined) return [danger];
      const last = to === undefined ? undefined : Math.min(LAST, to + offset);
      const first = Math.max(0, register + offset);
      return first > LAST || (last !== undefined && last < first)
        ? []
        : [{ ...danger, register: first, ...(last === undefined ? {} : { to: last }) }];
    }),
  };
}
