import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { answersFile } from './make-answers.js';
import { batchesFile } from './make-batches.js';
import { chainFile, cborFile, entriesFile } from './make-entries.js';
import { envelopeFile, framesFile } from './make-envelope.js';
import { keysFile, messagesFile, tokenFile, wordsFile } from './make-messages.js';
import { releasesFile } from './make-releases.js';
import type { File } from './cases.js';

/** Every file of test/vectors that is made here, by its name. */
export const FILES: Readonly<Record<string, () => File<unknown>>> = {
  'cbor.json': cborFile,
  'envelope.json': envelopeFile,
  'frames.json': framesFile,
  'messages.json': messagesFile,
  'entries.json': entriesFile,
  'chain.json': chainFile,
  'batches.json': batchesFile,
  'token.json': tokenFile,
  'words.json': wordsFile,
  'keys.json': keysFile,
  'releases.json': releasesFile,
  'answers.json': answersFile,
};

/** The text of a file: one case a line, so that a change shows as the line of its case. */
export function textOf({ about, cases }: File<unknown>): string {
  return `{\n"about": ${JSON.stringify(about)},\n"cases": [\n${cases.map((one) => JSON.stringify(one)).join(',\n')}\n]\n}\n`;
}

// `node test/dist/unit/shared/vectors/make.js` writes them anew.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, make] of Object.entries(FILES)) {
    writeFileSync(fileURLToPath(new URL(`../../../../vectors/${name}`, import.meta.url)), textOf(make()));
  }
}
