import {
  codeOf,
  type EnrolmentToken,
  FarolaError,
  fromHex,
  formatToken,
  parseToken,
  sha256,
  judgeWords,
  sixWords,
  type TypedWords,
  toHex,
} from '@farola/shared';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import test from 'ava';
import fc from 'fast-check';
import { runs } from '../runs.js';
import { TOKEN } from '../vectors/examples.js';

const fixed = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
const names = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
const tokens: fc.Arbitrary<EnrolmentToken> = fc.record({
  lcuId: names,
  collectorId: names,
  address: fc.webUrl().filter((url) => url.length <= 256),
  rootKey: fixed(32),
  pin: fixed(32),
  secret: fixed(16),
  expiresAt: fc.nat(),
});

test('a token is read as it was written', (t) => {
  fc.assert(
    fc.property(tokens, (token) => {
      const read = parseToken(formatToken(token));
      return formatToken(read) === formatToken(token) && read.lcuId === token.lcuId && toHex(read.pin) === toHex(token.pin);
    }),
    runs(100),
  );
  t.pass();
});

test('a token with any one letter changed, lost or doubled is malformed', (t) => {
  const line = formatToken(TOKEN);
  for (let at = 0; at < line.length; at++) {
    const letter = line[at] as string;
    const other = letter === 'x' ? 'y' : 'x';
    for (const bad of [
      line.slice(0, at) + other + line.slice(at + 1),
      line.slice(0, at) + line.slice(at + 1),
      line.slice(0, at) + letter + line.slice(at),
    ]) {
      // The last letter carries bits that base64url must leave zero, and a doubled or lost letter of a run is the same line.
      if (bad === line) continue;
      t.is(codeOf(t.throws(() => parseToken(bad))), 'token-malformed', bad);
    }
  }
});

test('a token whose end was cut off is told as one of which some is missing', (t) => {
  const line = formatToken(TOKEN);
  for (let length = 'farola1-'.length; length < line.length; length++) {
    const { facts } = t.throws(() => parseToken(line.slice(0, length)), { instanceOf: FarolaError });
    t.regex(String(facts['reason']), /missing/, `${line.length - length} characters`);
  }
  t.regex(t.throws(() => parseToken(`${line.slice(0, -1)}+`)).message, /other characters than letters/);
});

test('no text makes the reader of tokens throw anything but token-malformed', (t) => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      for (const line of [text, `farola1-${text}`]) {
        try {
          parseToken(line);
          return false;
        } catch (error) {
          if (codeOf(error) !== 'token-malformed') throw error;
        }
      }
      return true;
    }),
    runs(500),
  );
  t.pass();
});

test('the six words are the first 66 bits of the hash, by another way of counting', (t) => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (keys, request) => {
      const digest = sha256(Buffer.concat([Buffer.from('farola/words/1'), sha256(keys), request]));
      const bits = [...digest].map((byte) => byte.toString(2).padStart(8, '0')).join('');
      const words = [0, 1, 2, 3, 4, 5].map((i) => wordlist[Number.parseInt(bits.slice(11 * i, 11 * i + 11), 2)]);
      return sixWords(keys, request).join() === words.join();
    }),
    runs(100),
  );
  t.pass();
});

test('known words, computed with Python hashlib and the list of BIP-39', (t) => {
  t.deepEqual(sixWords(fromHex('00'), fromHex('01')), KNOWN);
});

const KNOWN: string[] = 'state remember destroy fetch educate select'.split(' ');

test('words match whatever their case, separators, and letters beyond the fourth', (t) => {
  const words = ['abandon', 'ability', 'able', 'about', 'above', 'act'];
  for (const typed of [
    'abandon ability able about above act',
    ' Abandon-ABILITY, able  about\nabove act ',
    'aban abil able abou abov act',
  ]) {
    t.deepEqual(judgeWords(typed, words), { are: 'same' }, typed);
  }
});

test('words that are not the same are told apart by how they differ: what a slip can be, and what it cannot', (t) => {
  const words = ['abandon', 'ability', 'able', 'about', 'above', 'act'];
  const cases: readonly [typed: string, judged: TypedWords][] = [
    ['', { are: 'miscounted', count: 0 }],
    [' - ', { are: 'miscounted', count: 0 }],
    ['abandon ability able about above', { are: 'miscounted', count: 5 }],
    ['abandon ability able about above act act', { are: 'miscounted', count: 7 }],
    ['aba ability able about above act', { are: 'unlisted', words: [{ place: 1, typed: 'aba' }] }],
    [
      'abandonx ability able about above ac',
      {
        are: 'unlisted',
        words: [
          { place: 1, typed: 'abandonx' },
          { place: 6, typed: 'ac' },
        ],
      },
    ],
    ['abandon ability able about above actor', { are: 'one-off', place: 6 }],
    ['zoo ability able about above act', { are: 'one-off', place: 1 }],
    ['ability abandon able about above act', { are: 'disordered' }],
    ['act abov about able abil aban', { are: 'disordered' }],
    ['zoo zone able about above act', { are: 'differ' }],
    ['zoo zone zero youth young yellow', { are: 'differ' }],
  ];
  for (const [typed, judged] of cases) t.deepEqual(judgeWords(typed, words), judged, typed);
});
