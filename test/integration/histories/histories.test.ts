import test from 'ava';
import { KINDS, problemsOf } from './histories.js';

const COUNT = process.env['FAROLA_LONG'] === '1' ? 60 : 1;
const SEED = Number(process.env['FAROLA_SEED'] ?? process.pid);

for (const [name, kind] of KINDS) {
  test(`D36, D38: random histories of ${name}: all is stored once, nothing else acknowledged, nobody stuck, and the ledger proves itself`, async (t) => {
    t.timeout(3_600_000);
    t.log(`${COUNT} from FAROLA_SEED=${SEED} on`);
    for (let seed = SEED; seed < SEED + COUNT; seed++)
      t.deepEqual(await problemsOf(seed, kind), [], `FAROLA_SEED=${seed} has this one first`);
  });
}

/** Seeds of histories that showed a defect once, and which kind they are of. */
const FOUND = [
  [4275, 4],
  [4275, 5],
  [31_352, 5],
  [4430, 4],
  [4415, 4],
] as const;

for (const [seed, at] of FOUND) {
  const [name, kind] = KINDS[at];
  test(`the history of ${name} that seed ${seed} tells shows no defect any more`, async (t) => {
    t.timeout(300_000);
    t.deepEqual(await problemsOf(seed, kind), []);
  });
}
