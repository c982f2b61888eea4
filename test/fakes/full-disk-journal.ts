import { FarolaError } from '@farola/shared';
import { openTestJournal, sampleEntry } from './test-journal.js';

/** Appends until the disk has refused often enough; prints what happened. */
const journal = await openTestJournal(process.argv[2] as string);
const codes: string[] = [];
let kept = 0;
let last = 0;
for (let i = 0; i < 3_000 && codes.length < 20; i++) {
  try {
    last = journal.append(sampleEntry(i, 100));
    kept++;
  } catch (error) {
    codes.push(error instanceof FarolaError ? error.code : String(error));
  }
}
console.log(JSON.stringify({ codes, kept, last }));
process.exit(0);
