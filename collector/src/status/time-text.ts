import { isoTime } from '@farola/shared';

/** A time of a status as people read it, to the second. */
export function timeText(at: string): string {
  return isoTime(Date.parse(at));
}
