import { writeSync } from 'node:fs';
import { toHex, WANT } from '@farola/shared';
import { openTestJournal, sampleEntry } from './test-journal.js';

/**
 * Appends without end until it is killed, and prints each range that an answer would carry: `epoch from prev head entry
 * ...`, hexadecimal. What it printed has left the process. Now and then it takes what it printed as acknowledged.
 */
const [folder = '', maxBytes = '0'] = process.argv.slice(2);
const journal = await openTestJournal(folder, { maxBytes: Number(maxBytes) });
let told = 0;
for (let i = 0; ; i++) {
  journal.append(sampleEntry(i, 50 + (i % 100)));
  if (i % 3 !== 0) continue;
  const { epoch, from, to, prev, head, entries } = journal.select([WANT.newest, journal.epoch, told]);
  writeSync(1, `${[toHex(epoch), String(from), toHex(prev), toHex(head), ...entries.map(toHex)].join(' ')}\n`);
  told = to;
  if (i % 30 === 0) journal.applyAcks([[epoch, to, head]]);
}
