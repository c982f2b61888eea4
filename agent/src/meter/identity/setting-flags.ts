import { isCounter, quantityById, SAMPLE_FLAGS } from '@farola/shared';
import type { SampleFlag, SampleValue, ValueFlag } from '@farola/shared';

/** What of a device bears on all that a reading of it holds. */
export type DeviceMark = Extract<SampleFlag, 'setting-changed' | 'meter-exchanged'>;

/**
 * The flags that a device puts on a sample: a changed setting on each value, since it changes what all of them mean; an exchange on
 * each counter, since the counter is another one. What is missing is not marked.
 * @param quantities ids, in the order of the values
 */
export function settingFlags(
  marks: readonly DeviceMark[],
  quantities: readonly number[],
  values: readonly SampleValue[],
): ValueFlag[] {
  const there = values.flatMap((value, place) => (value === null ? [] : [place]));
  const counters = there.filter((place) => {
    const quantity = quantityById(quantities[place] ?? 0);
    return quantity !== undefined && isCounter(quantity);
  });
  const flags = marks.map((mark) => ({ code: SAMPLE_FLAGS[mark], places: mark === 'meter-exchanged' ? counters : there }));
  return flags.filter(({ places }) => places.length > 0).toSorted((a, b) => a.code - b.code);
}
