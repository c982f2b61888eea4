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
