import test from 'ava';
import { ROUND_MS } from '../../fakes/collector-rig.js';
import { JournalScene } from '../../fakes/journal-scene.js';
import { badNetwork, perfect } from '../../fakes/message-link.js';
import { seededRandom } from '../../fakes/seeded-random.js';

const SEED = process.env['FAROLA_SEED'] ?? '1';
const MINUTES = process.env['FAROLA_LONG'] === '1' ? 3_000 : 300;

for (const [what, bad] of [
  ['drops a tenth', { drop: 0.1, duplicate: 0, delay: 0, delayMs: 0 }],
  ['duplicates a third', { drop: 0, duplicate: 0.33, delay: 0, delayMs: 0 }],
  ['delays half by up to 30 s, past deadline and order', { drop: 0, duplicate: 0, delay: 0.5, delayMs: 30_000 }],
  ['does all of that', { drop: 0.1, duplicate: 0.2, delay: 0.3, delayMs: 15_000 }],
] as const) {
  test(`A1, A2, A3: over a network that ${what} of all messages each sample is stored once`, async (t) => {
    t.timeout(600_000);
    t.log(`FAROLA_SEED=${SEED}`);
    const random = seededRandom(`${SEED} ${what}`);
    const scene = await JournalScene.open(t);
    scene.fill(2_000);
    const connections = await scene.run(MINUTES, badNetwork(random, bad), () => {
      scene.fill(2);
      if ((random.bytes(1)[0] ?? 0) < 8) scene.link?.cut();
    });
    scene.link?.cut();
    scene.connect(perfect);
    await scene.rig.time.advance(2 * ROUND_MS);
    t.is(scene.missing().length, 0);
    const { answersOk = 0, answersRefused = 0 } = scene.rig.contact(scene.known) ?? {};
    t.log(
      `${scene.written.size} samples, ${connections} connections, ${answersOk} answers taken, ${answersRefused} polls failed`,
    );
    t.is(scene.rig.ledger.judgements(scene.known.lcuNo).length, 0, 'a bad network proves no fork');
    t.true(answersRefused > 0 || bad.drop + bad.delay === 0, 'it was bad');
    t.is(scene.journal.size().backlog <= 10, true);
  });
}
