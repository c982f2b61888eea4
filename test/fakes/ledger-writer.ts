import { openSqliteLedger } from '@farola/collector/ledger/sqlite-ledger.js';
import { RECEIVED_AT_MS, testAnswer } from './test-answer.js';
import { TestChain } from './test-chain.js';

/**
 * A program for tests that kill it: appends batches of answers of ten LCUs to the ledger in the folder of its first
 * argument, going on after what is stored, its time too, and prints `LCU FROM TO KEY` for each once it is durable.
 */
const [, , folder = ''] = process.argv;
const LCUS = 10;
/** Of each entry, ms: at most a hundred answers in five minutes, however often the program is killed. */
const PERIOD_MS = 3_000;
const ledger = await openSqliteLedger({ folder });
const chain = new TestChain().grow(20_000);
const marks = Array.from({ length: LCUS }, (_, lcuNo) => ledger.holding(lcuNo, chain.epoch).mark.n);

for (let round = 0; marks.every((mark) => mark + 5 <= chain.last); round++) {
  const receivedAtMs = RECEIVED_AT_MS + Math.max(...marks) * PERIOD_MS;
  const answers = marks.map((mark, lcuNo) => testAnswer(chain, mark + 1, mark + 1 + (round % 5), { lcuNo, receivedAtMs }));
  const keys = ledger.append(answers);
  for (const [i, { lcuNo, adds }] of answers.entries()) {
    const to = adds.at(-1)?.to ?? 0;
    process.stdout.write(`${lcuNo} ${marks[lcuNo] ?? 0} ${to} ${keys[i] ?? 0}\n`);
    marks[lcuNo] = to;
  }
}
