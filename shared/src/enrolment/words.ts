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

/** Whether the typed text is these words; case, spacing and letters beyond the fourth do not matter. */
export function wordsMatch(typed: string, words: readonly string[]): boolean {
  const parts = typed
    .trim()
    .toLowerCase()
    .split(/[\s,.-]+/);
  return parts.length === words.length && parts.every((part, i) => sameWord(part, words[i] as string));
}

function sameWord(typed: string, word: string): boolean {
  return typed === word || (typed.length >= 4 && word.startsWith(typed));
}
