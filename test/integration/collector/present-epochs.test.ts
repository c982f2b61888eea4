import test, { type ExecutionContext } from 'ava';
import { chainSeed, encodeEntry, type SampleEntry } from '@farola/shared';
import { decideStanding } from '@farola/collector/fleet/decide.js';
import type { SimulatedLcu } from '#scripts/simulated-lcu.js';
import { type CollectorRig, openRig, ROUND_MS } from '../../fakes/collector-rig.js';
import { seededRandom } from '../../fakes/seeded-random.js';
import { testSigner } from '../../fakes/test-signer.js';

const ID = 'malaga-0042';
const MINUTE_MS = 60_000;

function sampleNow(rig: CollectorRig, value: number): SampleEntry {
  return { kind: 'sample', at: rig.time.now(), analyser: 0, spanMs: 1, status: 'complete', values: [value] };
}

async function run(rig: CollectorRig, lcu: SimulatedLcu, minutes: number, value: number): Promise<void> {
  for (let i = 0; i < minutes; i++) {
    await rig.time.advance(MINUTE_MS);
    lcu.append(sampleNow(rig, value));
  }
}

async function visit(rig: CollectorRig, lcu: SimulatedLcu): Promise<void> {
  rig.connect(lcu);
  await rig.time.advance(ROUND_MS);
}

/** Who has the key and no journal: its epoch names one before it that nobody has. */
function thiefWithout(rig: CollectorRig): SimulatedLcu {
  const thief = rig.simulate(ID, 2);
  const epoch = seededRandom('thief').bytes(8);
  const previous = { epoch: seededRandom('nobody').bytes(8), n: 400, head: seededRandom('head').bytes(32) };
  thief.epochs.splice(0, 1, { epoch, entries: [], heads: [chainSeed(ID, epoch)], floor: 0 });
  thief.appendBytes(
    encodeEntry({
      kind: 'start',
      at: rig.time.now(),
      boot: thief.options.boot,
      previous,
      codeHash: null,
      configHash: new Uint8Array(32),
      agentVersion: 'thief',
      analysers: [],
    }),
  );
  return thief;
}

async function unitAndThief(t: ExecutionContext): Promise<{ rig: CollectorRig; unit: SimulatedLcu; thief: SimulatedLcu }> {
  const rig = await openRig(t);
  const unit = rig.simulate(ID, 2);
  rig.enrol(ID, testSigner(2));
  await run(rig, unit, 5, 1);
  await visit(rig, unit);
  return { rig, unit, thief: thiefWithout(rig) };
}

function judged(rig: CollectorRig): string[] {
  return rig.ledger.judgements(0).map(({ code }) => code);
}

test('security: a thief whose epoch names a past that nobody has is told as a clone when the unit delivers again', async (t) => {
  const { rig, unit, thief } = await unitAndThief(t);
  await run(rig, thief, 5, 666);
  await visit(rig, thief);
  t.deepEqual(judged(rig), [], 'by itself it looks like an LCU that lost the epoch before');
  await run(rig, unit, 5, 1);
  await visit(rig, unit);
  t.deepEqual(judged(rig), ['branch-delivers', 'quarantined']);
  t.is(rig.fleet.find(ID)?.state, 'quarantined');
  t.is(rig.ledger.holding(0, unit.present.epoch).mark.n, unit.present.entries.length, 'and is stored all the same');
});

test('security: units that come by turns are told a few times, and quarantined again after a release', async (t) => {
  const { rig, unit, thief } = await unitAndThief(t);
  const takeTurns = async (): Promise<void> => {
    for (const one of [thief, unit, thief, unit, thief, unit]) {
      await run(rig, one, 1, 3);
      await visit(rig, one);
    }
  };
  await takeTurns();
  t.is(judged(rig).filter((code) => code === 'quarantined').length, 1);
  t.is(judged(rig).filter((code) => code === 'branch-delivers').length, 4, 'the first few are kept');
  const { wallMs } = rig.time.now();
  decideStanding(rig, ID, { decision: 'released', atMs: wallMs, reason: 'as the test says', by: 'ana' });
  rig.polls.review((lcuId) => rig.fleet.find(lcuId));
  await takeTurns();
  t.is(judged(rig).filter((code) => code === 'quarantined').length, 2);
});

test('an LCU that restarts again and again, with and without answers in between, is none', async (t) => {
  const { rig, unit } = await unitAndThief(t);
  for (let restart = 0; restart < 5; restart++) {
    unit.beginEpoch();
    if (restart % 2 === 0) rig.connect(unit, () => undefined);
    await run(rig, unit, 2, 1);
    await visit(rig, unit);
    await visit(rig, unit);
  }
  t.deepEqual(judged(rig), []);
});
