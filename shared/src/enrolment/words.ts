import { wordlist } from '@scure/bip39/wordlists/english.js';
import { joinBytes, sha256 } from '../bytes.js';

const DOMAIN = Buffer.from('farola/words/1');
const WORDS = 6;
const BITS_PER_WORD = 11;

/**
 * The six words that technician and operator compare: 66 bits of SHA-256("farola/words/1" || SHA-256(payload of the
 * keys statement) || payload of the enrol-request), eleven bits a word, from the BIP-39 English list, whose words
 * differ in their first four letters.
 */
export function sixWords(keysPayload: Uint8Array, requestPayload: Uint8Array): string[] {
  const digest = sha256(joinBytes(DOMAIN, sha256(keysPayload), requestPayload));
  let bits = BigInt('0x' + Buffer.from(digest).toString('hex'));
  bits >>= BigInt(digest.length * 8 - WORDS * BITS_PER_WORD);
  const words: string[] = [];
  for (let i = WORDS - 1; i >= 0; i--) {
    const index = Number((bits >> BigInt(i * BITS_PER_WORD)) & 2047n);
    words.push(wordlist[index] as string);
  }
  return words;
}

/** What typed words are beside those of a key. All but `same` and `differ` are how a slip of the tongue or of the keyboard looks. */
export type TypedWords =
  | { readonly are: 'same' }
  /** Not six. */
  | { readonly are: 'miscounted'; readonly count: number }
  /** Of no list: the places, from 1, and what was typed there. */
  | { readonly are: 'unlisted'; readonly words: readonly { readonly place: number; readonly typed: string }[] }
  /** The six in another order. */
  | { readonly are: 'disordered' }
  /** All but the one at this place, from 1. */
  | { readonly are: 'one-off'; readonly place: number }
  | { readonly are: 'differ' };

/** Holds typed text against these words; case, spacing and letters beyond the fourth do not matter. */
export function judgeWords(text: string, words: readonly string[]): TypedWords {
  const typed = text
    .trim()
    .toLowerCase()
    .split(/[\s,.-]+/)
    .filter((word) => word !== '');
  if (typed.length !== words.length) return { are: 'miscounted', count: typed.length };
  const places = typed.map((word, i) => ({ place: i + 1, typed: word }));
  const unlisted = places.filter((one) => !wordlist.some((word) => sameWord(one.typed, word)));
  if (unlisted.length > 0) return { are: 'unlisted', words: unlisted };
  const [wrong, ...others] = places.filter((one, i) => !sameWord(one.typed, words[i] as string));
  if (!wrong) return { are: 'same' };
  if (others.length === 0) return { are: 'one-off', place: wrong.place };
  return isOrderOf(typed, words) ? { are: 'disordered' } : { are: 'differ' };
}

/** Words of the list differ in their first four letters. */
function isOrderOf(typed: readonly string[], words: readonly string[]): boolean {
  const begins = (all: readonly string[]): string =>
    [...all]
      .map((word) => word.slice(0, 4))
      .sort()
      .join();
  return begins(typed) === begins(words);
}

function sameWord(typed: string, word: string): boolean {
  return typed === word || (typed.length >= 4 && word.startsWith(typed));
}
