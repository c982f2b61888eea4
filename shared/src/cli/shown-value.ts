/** Longest part of a value that is shown, characters. */
const SHOWN_CHARACTERS = 60;

/** Control characters of both sets, line and paragraph separators, what turns the direction of writing, and what no text can hold. */
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffd]/g;

/** A value that came from outside as a part of a message: cut where it is long, and what does not print is written as `\u001b`. */
export function shownValue(value: string | number): string {
  const characters = Array.from(String(value).slice(0, 4 * SHOWN_CHARACTERS));
  const cut = characters.length > SHOWN_CHARACTERS ? `${characters.slice(0, SHOWN_CHARACTERS).join('')}...` : characters.join('');
  return cut.replace(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
