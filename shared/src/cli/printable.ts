/** Control characters of both sets, line and paragraph separators, and what turns the direction of writing. */
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Text that came from outside, so that it cannot move the cursor, colour the terminal, or begin a line of its own. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, '?');
}
