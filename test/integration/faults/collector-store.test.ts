import { join } from 'node:path';
import test from 'ava';
import type { SimulatedLcu } from '#scripts/simulated-lcu.js';
import { type CollectorRig, openRig, ROUND_MS } from '../../fakes/collector-rig.js';
import { leavesOf, overwritePage } from '../../fakes/damaged-page.js';
import { tinyDiskTest } from '../../fakes/disk-test.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { testSigner } from '../../fakes/test-signer.js';
import { tinyDisk } from '../../fakes/tiny-disk.js';

/** What the log told but for connections that come and go. */
function told({ log }: CollectorRig): unknown[] {
  return log
    .filter(({ message }) => !message.startsWith('LCU '))
    .map(({ level, fields, message }) => [level, fields['code'], message]);
}

function sample(lcu: SimulatedLcu, rig: CollectorRig, count = 1): void {
  const at = rig.time.now();
  for (let i = 0; i < count; i++) lcu.append({ kind: 'sample', at, analyser: 0, spanMs: 5, status: 'complete', values: [i] });
}

const CANNOT = 'answers cannot be stored';

tinyDiskTest(
  'a full disk of the ledger: nothing is acknowledged, connections stay, one line tells it and one its end, nothing is lost',
  async (t) => {
    const disk = tinyDisk(t, 2_000);
    const rig = await openRig(t, { ledger: join(disk.folder, 'ledger') });
    const lcus = Array.from({ length: 3 }, (_, i) => rig.simulate(`malaga-000${i}`, i + 2));
    const known = lcus.map((_, i) => rig.enrol(`malaga-000${i}`, testSigner(i + 2)));
    const channels = lcus.map((lcu) => rig.connect(lcu));
    await rig.time.advance(ROUND_MS);
    for (const one of known) t.like(rig.contact(one), { verdict: 'ok', entriesStored: 1 });

    disk.fill();
    for (let round = 0; round < 12; round++) {
      for (const lcu of lcus) sample(lcu, rig, 250);
      await rig.time.advance(ROUND_MS);
    }
    t.deepEqual(told(rig), [['error', 'disk-failure', CANNOT]]);
    const marks = known.map((one, i) => rig.ledger.holding(one.lcuNo, lcus[i]!.present.epoch).mark.n);
    for (const [i, lcu] of lcus.entries()) {
      t.is(rig.contact(known[i]!)?.verdict, 'disk-failure');
      t.is(Math.max(...lcu.polls.flatMap(({ acks }) => acks.map(([, n]) => n))), marks[i]!, 'acks are of what is stored');
      t.is(channels[i]?.closedFor, undefined);
    }

    disk.free();
    await rig.time.advance(2 * ROUND_MS);
    t.deepEqual(told(rig).slice(1), [['info', undefined, `over: ${CANNOT}`]]);
    for (const [i, one] of known.entries()) {
      t.like(rig.contact(one), { verdict: 'ok', backlog: 0, entriesStored: 3001 });
      t.is(rig.ledger.holding(one.lcuNo, lcus[i]!.present.epoch).mark.n, 3001);
      t.is(channels[i]?.closedFor, undefined);
    }
  },
);

test('a damaged page of the ledger: the LCU whose answers lay there is refused with file and hint, the others go on', async (t) => {
  const [ledger, state] = [temporaryFolder(t), temporaryFolder(t)];
  const before = await openRig(t, { ledger, state });
  const names = ['malaga-0001', 'malaga-0002', 'malaga-0003'];
  const lcus = names.map((name, i) => before.simulate(name, i + 2));
  const known = names.map((name, i) => before.enrol(name, testSigner(i + 2)));
  for (const lcu of lcus) {
    sample(lcu, before, 5_000);
    before.connect(lcu);
  }
  await before.time.advance(30_000);
  for (const one of known) t.is(before.contact(one)?.entriesStored, 5_001);
  await before.close();

  // The rows of one LCU in one slot lie side by side, one on a leaf, so a third of the leaves is that of the one in the middle.
  const file = join(ledger, '2026-11.db');
  const leaves = leavesOf(file, 'answers');
  t.is(leaves.length % 3, 0);
  for (const leaf of leaves.slice(leaves.length / 3, (2 * leaves.length) / 3)) overwritePage(file, leaf);

  const rig = await openRig(t, { ledger, state, time: before.time });
  for (const lcu of lcus) {
    sample(lcu, rig, 10);
    rig.connect(lcu);
  }
  await rig.time.advance(3 * ROUND_MS);
  for (const [i, one] of known.entries()) {
    const hit = i === 1;
    t.is(rig.contact(one)?.verdict, hit ? 'ledger-corrupt' : 'ok', names[i]);
    if (!hit) t.is(rig.ledger.holding(one.lcuNo, lcus[i]!.present.epoch).mark.n, 5_011);
  }
  t.is(rig.polls.counts.connected, 3);
  // The neighbour in the file meets the damage where it looks for its last key of these five minutes, and goes on in the next.
  const lines = rig.log.filter(({ fields }) => fields['code'] === 'ledger-corrupt' && fields['lcu'] !== 'malaga-0001');
  t.is(lines.length, 1, 'once');
  t.like(lines[0], { level: 'error', fields: { lcu: 'malaga-0002', path: file, hint: 'restore the file from its backup' } });
  t.deepEqual(
    rig.log.filter(({ level }) => level === 'warn'),
    [],
  );
});
