import type { ExecutionContext } from 'ava';
import { decideStanding } from '@farola/collector/fleet/decide.js';
import type { EventEntry, SampleEntry, TableEntry } from '@farola/shared';
import { SimulatedLcu } from '#scripts/simulated-lcu.js';
import { ROUND_MS } from './collector-rig.js';
import { FakeTime } from './fake-time.js';
import { JournalScene } from './journal-scene.js';
import { seededRandom } from './seeded-random.js';
import { analyser } from './test-chain.js';
import { testSigner } from './test-signer.js';

const MINUTE_MS = 60_000;
/** An hour and a half before December. */
const NOVEMBER_END_MS = Date.UTC(2026, 10, 30, 22, 30);

/** The LCUs of a rich history beside that of the scene. */
export const HISTORY_LCUS = ['malaga-0100', 'malaga-0101'] as const;

/**
 * A collector to which much has happened, over the end of a month: a full journal with gaps, a backlog, restarts; events
 * at once and late; a meter exchanged; a quarantine, a release, and a new epoch after it. It runs on.
 */
export async function richHistory(t: ExecutionContext): Promise<JournalScene> {
  const scene = await JournalScene.open(t, { maxBytes: 120_000 }, new FakeTime(NOVEMBER_END_MS));
  const { time, rig } = scene;
  const steady = simulate(scene, HISTORY_LCUS[0], 11);
  const clone = simulate(scene, HISTORY_LCUS[1], 12);
  scene.fill(2000);
  scene.connect();
  const line = rig.connect(steady);
  rig.connect(clone);
  await live(scene, [steady, clone], 6);
  steady.append(event(scene, 'entries-lost'));
  exchange(scene, steady);
  await live(scene, [steady, clone], 12);

  scene.link?.cut();
  const image = clone.image(seededRandom('image'));
  await live(scene, [clone], 9);
  await time.advance(ROUND_MS);
  scene.fill(3000);
  await scene.restartAgent();
  image.beginEpoch();
  rig.connect(image);
  line.close('cut');
  steady.append(event(scene, 'entries-lost'));
  await time.advance(60 * MINUTE_MS);

  scene.fill(300);
  scene.connect();
  steady.append(event(scene, 'entries-lost'));
  await time.advance(20 * MINUTE_MS);
  rig.connect(steady);
  rig.connect(image);
  await live(scene, [steady, image], 10);
  decide(scene, HISTORY_LCUS[1]);
  await live(scene, [steady, image], 7);
  image.beginEpoch();
  rig.connect(image);
  await live(scene, [steady, image], 12);
  await time.advance(ROUND_MS);
  rig.writer.flush();
  return scene;
}

function simulate({ rig, time }: JournalScene, lcuId: string, byte: number): SimulatedLcu {
  const signer = testSigner(byte);
  rig.enrol(lcuId, signer);
  const analysers = [analyser(0, 'main'), analyser(1, 'circuits')];
  const boot = new Uint8Array(16).fill(byte);
  const lcu = new SimulatedLcu({ lcuId, signer, random: seededRandom(lcuId), boot, now: () => time.now(), analysers });
  return lcu;
}

/** Some minutes with a sample each of both analysers. */
async function live({ time }: JournalScene, lcus: readonly SimulatedLcu[], minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    await time.advance(MINUTE_MS);
    for (const lcu of lcus) for (const index of [0, 1]) lcu.append(sample(time.now(), index));
  }
}

function sample(at: SampleEntry['at'], index: number): SampleEntry {
  return { kind: 'sample', at, analyser: index, spanMs: 1, status: 'complete', values: [at.monoMs] };
}

function event({ time }: JournalScene, code: EventEntry['code']): EventEntry {
  return { kind: 'event', at: time.now(), code, facts: [] };
}

function exchange({ time }: JournalScene, lcu: SimulatedLcu): void {
  const table: TableEntry = {
    kind: 'table',
    at: time.now(),
    analysers: [analyser(2, 'main', { serialNumber: 'another' })],
    retired: [0],
  };
  lcu.append(table);
}

function decide({ rig, time }: JournalScene, lcuId: string): void {
  const asked = { decision: 'released', atMs: time.now().wallMs, reason: 'looked at', by: 'ana' } as const;
  decideStanding(rig, lcuId, asked);
  rig.polls.review((of) => rig.fleet.find(of));
}
