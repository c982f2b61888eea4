import { readFileSync } from 'node:fs';
import type {
  AnswerCase,
  BatchCase,
  CborCase,
  ChainCase,
  EntryCase,
  EnvelopeCase,
  File,
  FrameCase,
  KeyCase,
  MessageCase,
  ReleaseCase,
  TokenCase,
  WordsCase,
} from './cases.js';

/** The text of a file of test/vectors. */
export function readVectors(name: string): string {
  return readFileSync(new URL(`../../../../vectors/${name}`, import.meta.url), 'utf8');
}

/** The shape of the cases of each file. */
interface Cases {
  'cbor.json': CborCase;
  'envelope.json': EnvelopeCase;
  'frames.json': FrameCase;
  'messages.json': MessageCase;
  'entries.json': EntryCase;
  'chain.json': ChainCase;
  'answers.json': AnswerCase;
  'batches.json': BatchCase;
  'token.json': TokenCase;
  'words.json': WordsCase;
  'keys.json': KeyCase;
  'releases.json': ReleaseCase;
}

/** The cases of a file of test/vectors. */
export function loadCases<Name extends keyof Cases>(name: Name): readonly Cases[Name][] {
  return (JSON.parse(readVectors(name)) as File<Cases[Name]>).cases;
}
