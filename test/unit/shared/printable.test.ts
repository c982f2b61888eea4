import { printable } from '@farola/shared';
import test from 'ava';

/** The characters with the property Bidi_Control (Unicode Standard Annex 9, section 2). */
const BIDI = [
  '\u061c',
  '\u200e',
  '\u200f',
  '\u202a',
  '\u202b',
  '\u202c',
  '\u202d',
  '\u202e',
  '\u2066',
  '\u2067',
  '\u2068',
  '\u2069',
];

/** Zero width, and the hyphen that shows at line ends alone. */
const UNSEEN = ['\u00ad', '\u200b', '\u200c', '\u200d', '\u2060', '\u2064', '\ufeff'];

test('nothing in text from outside is there without being seen', (t) => {
  for (const one of UNSEEN) t.is(printable(`a${one}b`), 'a?b', JSON.stringify(one));
});

test('nothing in text from outside moves the cursor, begins a line, or turns the direction of writing', (t) => {
  t.true(BIDI.every((one) => /^\p{Bidi_Control}$/u.test(one)));
  for (const one of ['\x1b', '\r', '\n', '\u0085', '\u2028', '\u2029', ...BIDI])
    t.is(printable(`a${one}b`), 'a?b', JSON.stringify(one));
  t.is(printable('Málaga, plaza del 2 de Mayo \u{1f4a1}'), 'Málaga, plaza del 2 de Mayo \u{1f4a1}');
});
