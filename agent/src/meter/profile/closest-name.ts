import { editDistance } from '@farola/shared';

/** The known name that is most like this one, if one is like it at all: a third of its letters may differ, upper and lower case count as one. */
export function closestName(name: string, known: readonly string[]): string | undefined {
  const wanted = plain(name);
  let best: { name: string; distance: number } | undefined;
  for (const one of known) {
    const distance = editDistance(wanted, plain(one));
    if (distance <= Math.max(1, Math.floor(wanted.length / 3)) && (!best || distance < best.distance))
      best = { name: one, distance };
  }
  return best?.name;
}

/** `voltage_l1` is meant as `voltageL1`. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[_\s-]/g, '');
}
