import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { fromHex, WANT } from '@farola/shared';
import test from 'ava';
import { seededRandom } from '../../fakes/seeded-random.js';
import { StrictCollector } from '../../fakes/strict-collector.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { openTestJournal } from '../../fakes/test-journal.js';

const KILLS = process.env['FAROLA_LONG'] === '1' ? 100 : 10;
const WRITER = fileURLToPath(new URL('../../fakes/journal-writer.js', import.meta.url));

/** Runs the writer and kills it `afterMs` after its first line; gives the whole lines that left it. */
async function writeAndKill(folder: string, maxBytes: number, afterMs: number): Promise<string[]> {
  const writer = spawn(process.execPath, [WRITER, folder, String(maxBytes)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(writer, 'close');
  let output = '';
  writer.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (output === '') setTimeout(() => writer.kill('SIGKILL'), afterMs);
    output += text;
  });
  await closed;
  return output.split('\n').slice(0, -1);
}

/** Takes a printed range; throws when it contradicts anything seen before. */
function takeLine(collector: StrictCollector, line: string): void {
  const [epoch = '', from = '', prev = '', head = '', ...entries] = line.split(' ');
  const to = Number(from) + entries.length - 1;
  collector.take({
    epoch: fromHex(epoch),
    from: Number(from),
    to,
    prev: fromHex(prev),
    head: fromHex(head),
    entries: entries.map(fromHex),
  });
}

for (const [what, maxBytes] of [
  ['that has room', 1e9],
  ['that is full', 40_000],
] as const) {
  test(`D36: a journal ${what}, killed ${KILLS} times: nothing that left is missing, no number has two contents, no hole`, async (t) => {
    t.timeout(600_000);
    const folder = temporaryFolder(t);
    const seed = process.env['FAROLA_SEED'] ?? String(process.pid);
    t.log(`seed ${seed}: FAROLA_SEED=${seed} repeats the delays`);
    const random = seededRandom(seed);
    const left = new StrictCollector();
    const epochs = new Set<string>();
    let evictions = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      for (const line of await writeAndKill(folder, maxBytes, (random.bytes(1)[0] ?? 0) / 2)) {
        takeLine(left, line);
        epochs.add(line.slice(0, 16));
      }
      const journal = await openTestJournal(folder, { maxBytes });
      for (const [epoch, first, last] of journal.openEpochs()) {
        for (let after = first - 1; after < last;) after = left.ask(journal, [WANT.range, epoch, after, last + 1]).to;
        if (first > 1) evictions++;
      }
      for (const epoch of maxBytes === 1e9 ? epochs : []) {
        const held = new StrictCollector();
        const { entries } = left.known(fromHex(epoch));
        const last = Math.max(...entries.keys());
        for (let after = 0; after < last;) after = held.ask(journal, [WANT.range, fromHex(epoch), after, last + 1]).to;
        t.deepEqual(held.known(fromHex(epoch)).entries, entries);
      }
      journal.close();
    }
    t.is(epochs.size, KILLS);
    t.is(evictions > 0, maxBytes < 1e9);
    t.log(
      `${KILLS} epochs, ${[...epochs].reduce((sum, epoch) => sum + left.known(fromHex(epoch)).entries.size, 0)} entries left the process`,
    );
  });
}
