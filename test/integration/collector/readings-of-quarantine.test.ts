import test from 'ava';
import { type SampleEntry, toHex } from '@farola/shared';
import { latestReadings, readingsBetween, whyOlder } from '@farola/collector/api/query-readings.js';
import { countsAt } from '@farola/collector/fleet/counts-at.js';
import { decideStanding } from '@farola/collector/fleet/decide.js';
import type { Decision } from '@farola/collector/fleet/fleet.js';
import type { SimulatedLcu } from '#scripts/simulated-lcu.js';
import { type CollectorRig, openRig, ROUND_MS } from '../../fakes/collector-rig.js';
import { seededRandom } from '../../fakes/seeded-random.js';
import { testSigner } from '../../fakes/test-signer.js';

const ID = 'malaga-0042';

async function sampled(rig: CollectorRig, lcu: SimulatedLcu): Promise<string> {
  await rig.time.advance(60_000);
  const at = rig.time.now();
  const sample: SampleEntry = { kind: 'sample', at, analyser: 0, spanMs: 1, status: 'complete', values: [1] };
  lcu.append(sample);
  rig.connect(lcu);
  await rig.time.advance(ROUND_MS);
  return `${toHex(lcu.present.epoch)} ${lcu.present.entries.length}`;
}

async function decide(rig: CollectorRig, decision: Decision): Promise<void> {
  decideStanding(rig, ID, { decision, atMs: rig.time.now().wallMs, reason: 'as the test says', by: 'ana' });
  rig.polls.review((lcuId) => rig.fleet.find(lcuId));
  await rig.time.advance(1000);
}

/** What is read of the LCU, and whether it counts: all samples, and the latest. */
function read({ ledger, state: { derived, fleet }, writer, time }: CollectorRig) {
  writer.flush();
  const lcu = fleet.find(ID)!;
  const { wallMs } = time.now();
  const source = { ledger, derived, countsAt: countsAt(ledger, derived) };
  const all = [...readingsBetween(source, { lcu }, { fromMs: 0, toMs: wallMs, untilMs: wallMs })];
  const marked = (readings: typeof all) => readings.map(({ epoch, n, counts }) => [`${epoch} ${n}`, counts]);
  return { all: marked(all), latest: marked(latestReadings(source, { lcu })) };
}

/** Why the latest values are not the newest. */
function older({ fleet, state }: CollectorRig): string | undefined {
  const lcu = fleet.find(ID)!;
  return whyOlder(lcu, state.derived.latest(lcu.lcuNo));
}

test('security: both branches of a quarantined LCU are read, and only what came before the contradiction counts', async (t) => {
  const rig = await openRig(t);
  const lcu = rig.simulate(ID, 2);
  rig.enrol(ID, testSigner(2));
  const first = await sampled(rig, lcu);
  const image = lcu.image(seededRandom('image'));
  const more: string[] = [];
  for (let i = 0; i < 2; i++) more.push(await sampled(rig, lcu));
  t.deepEqual(read(rig).latest, [[more[1], true]]);
  image.beginEpoch();
  const branch = await sampled(rig, image);
  t.is(rig.fleet.find(ID)?.state, 'quarantined');
  const before = [first, ...more].map((entry) => [entry, true]);
  t.deepEqual(read(rig), { all: [...before, [branch, false]], latest: [[more[1], true]] }, 'as it is in the span');
  t.regex(older(rig) ?? '', /quarantined since/);

  await decide(rig, 'released');
  const doubtful = await sampled(rig, image);
  t.deepEqual(read(rig).latest, [[more[1], true]]);
  t.regex(older(rig) ?? '', /was released at .* agent was not restarted/);
  image.beginEpoch();
  const sound = await sampled(rig, image);
  t.deepEqual(read(rig), {
    all: [...before, [branch, false], [doubtful, false], [sound, true]],
    latest: [[sound, true]],
  });
  t.is(older(rig), undefined);
});
