import type { HeldSample } from '../fleet/derived-state.js';
import { isNewer, type PreviousOf } from '../newer-sample.js';
import type { Reading, ReadingValue } from './reading.js';

/** The newest sample of one scan group, as it is held and as it is read. */
export interface GroupReading {
  readonly reading: Reading;
  readonly held: HeldSample;
}

/**
 * Puts the scan groups of each measuring point together: one reading with the values of all, each with the times of its own sample.
 * The reading itself is the newest of these samples. Of a quantity that several name, as where a group of an epoch before is left, the
 * newest tells.
 * @param groups of one LCU
 */
export function byPoint(groups: readonly GroupReading[], previousOf: PreviousOf): Reading[] {
  const points = new Map<string, GroupReading[]>();
  for (const group of groups) {
    const { point } = group.reading;
    points.set(point, [...(points.get(point) ?? []), group]);
  }
  return [...points.values()].map((of) => together(of as [GroupReading, ...GroupReading[]], previousOf));
}

function together(groups: readonly [GroupReading, ...GroupReading[]], previousOf: PreviousOf): Reading {
  const [first] = groups;
  let newest = first;
  const values = new Map<string, { value: ReadingValue; group: GroupReading }>();
  for (const group of groups) {
    if (group !== first && isNewer(group.held, newest.held, previousOf)) newest = group;
    for (const value of group.reading.values) {
      const known = values.get(value.quantity);
      if (!known || isNewer(group.held, known.group.held, previousOf)) values.set(value.quantity, { value, group });
    }
  }
  return { ...newest.reading, values: [...values.values()].map(({ value }) => value) };
}
