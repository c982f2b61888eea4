import { printable } from '../cli/printable.js';
import type { ErrorCode } from '../errors.js';

const PLAIN = /^[\x20-\x7e]+$/;
/**
 * Characters that format and do not show, or show as nothing known: two names that differ by them look the same (Unicode
 * Standard, section 4.5, and DerivedCoreProperties, Default_Ignorable_Code_Point).
 */
const HIDDEN = /[\p{Cf}\p{Co}\p{Default_Ignorable_Code_Point}]/u;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A file name that may stand in an installed tree, or the code of what is wrong with it. */
export type NameVerdict = { readonly name: string } | { readonly code: ErrorCode };

/**
 * Judges the bytes of a file name: valid UTF-8, in the one normal form NFC (Unicode Standard Annex 15), and nothing in it
 * that hides what it is. Codes: `tree-name-encoding`, `tree-name-form`, `tree-name-unprintable`.
 * @param bytes one character for each byte, as the encoding `latin1` reads them
 */
export function judgeFileName(bytes: string): NameVerdict {
  if (PLAIN.test(bytes)) return { name: bytes };
  const name = decode(bytes);
  if (name === undefined) return { code: 'tree-name-encoding' };
  if (printable(name) !== name || HIDDEN.test(name)) return { code: 'tree-name-unprintable' };
  return name.normalize('NFC') === name ? { name } : { code: 'tree-name-form' };
}

function decode(bytes: string): string | undefined {
  try {
    return utf8.decode(Buffer.from(bytes, 'latin1'));
  } catch {
    return undefined;
  }
}
