/** Control characters of both sets, line and paragraph separators, what turns the direction of writing, and what takes no room. */
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g;

/** Text that came from outside, so that it cannot move the cursor, colour the terminal, begin a line of its own, or hide a part of itself. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, '?');
}
