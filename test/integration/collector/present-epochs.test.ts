import test from 'ava';
import { chainSeed, cutFrame, cutSigned, encodeEntry, KINDS, parseMessage, POLL, type SampleEntry } from '@farola/shared';
import { decideStanding } from '@farola/collector/fleet/decide.js';
import { SimulatedLcu } from '#scripts/simulated-lcu.js';
import { type CollectorRig, openRig, ROUND_MS } from '../../fakes/collector-rig.js';
import { seededRandom } from '../../fakes/seeded-random.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
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

async function unitAndThief(rig: CollectorRig): Promise<{ unit: SimulatedLcu; thief: SimulatedLcu }> {
  const unit = rig.simulate(ID, 2);
  rig.enrol(ID, testSigner(2));
  await run(rig, unit, 5, 1);
  await visit(rig, unit);
  return { unit, thief: thiefWithout(rig) };
}

/** The answer of an LCU that lists none of its epochs. */
function withoutList(lcu: SimulatedLcu, frame: Uint8Array): Uint8Array | undefined {
  const { kind, signed } = cutFrame(frame);
  const parts = cutSigned(signed);
  const poll = kind === KINDS.poll.number && parts.ok ? parseMessage(POLL, parts.value.payload) : undefined;
  return poll?.ok ? lcu.answerPoll(poll.value, signed, { openEpochs: [] }) : lcu.receive(frame);
}

function release(rig: CollectorRig): void {
  const { wallMs } = rig.time.now();
  decideStanding(rig, ID, { decision: 'released', atMs: wallMs, reason: 'as the test says', by: 'ana' });
  rig.polls.review((lcuId) => rig.fleet.find(lcuId));
}

function judged(rig: CollectorRig): string[] {
  return rig.ledger.judgements(0).map(({ code }) => code);
}

test('security: a thief whose epoch names a past that nobody has is told as a clone when the unit delivers again', async (t) => {
  const rig = await openRig(t);
  const { unit, thief } = await unitAndThief(rig);
  await run(rig, thief, 5, 666);
  await visit(rig, thief);
  t.deepEqual(judged(rig), [], 'by itself it looks like an LCU that lost the epoch before');
  await run(rig, unit, 5, 1);
  await visit(rig, unit);
  t.deepEqual(judged(rig), ['branch-delivers', 'quarantined']);
  t.is(rig.fleet.find(ID)?.state, 'quarantined');
  t.is(rig.ledger.holding(0, unit.present.epoch).mark.n, unit.present.entries.length, 'and is stored all the same');
});

test('security: units that come by turns are told once, and quarantined again after a release', async (t) => {
  const rig = await openRig(t);
  const { unit, thief } = await unitAndThief(rig);
  const takeTurns = async (): Promise<void> => {
    for (const one of [thief, unit, thief, unit, thief, unit]) {
      await run(rig, one, 1, 3);
      await visit(rig, one);
    }
  };
  await takeTurns();
  t.deepEqual(judged(rig), ['branch-delivers', 'quarantined'], 'the rest says nothing new');
  release(rig);
  await takeTurns();
  t.deepEqual(judged(rig).slice(3), ['branch-delivers', 'quarantined']);
});

test('security: after a start of the collector the next change back tells a thief', async (t) => {
  const [ledger, state] = [temporaryFolder(t), temporaryFolder(t)];
  const before = await openRig(t, { ledger, state });
  const { unit, thief } = await unitAndThief(before);
  await run(before, thief, 5, 666);
  await visit(before, thief);
  await before.close();
  const rig = await openRig(t, { ledger, state, time: before.time });
  for (const one of [unit, thief]) {
    t.deepEqual(judged(rig), []);
    await run(rig, one, 1, 1);
    await visit(rig, one);
  }
  t.deepEqual(judged(rig), ['branch-delivers', 'quarantined']);
});

test('security: a thief who lists no epoch is told all the same', async (t) => {
  const rig = await openRig(t);
  const { unit, thief } = await unitAndThief(rig);
  await run(rig, thief, 5, 666);
  rig.connect(thief, (frame) => withoutList(thief, frame));
  await rig.time.advance(ROUND_MS);
  t.is(rig.ledger.holding(0, thief.present.epoch).mark.n, 6, 'is stored');
  await run(rig, unit, 1, 1);
  await visit(rig, unit);
  t.deepEqual(judged(rig), ['branch-delivers', 'quarantined']);
});

test('a unit is not held against what another delivered before it was released', async (t) => {
  const rig = await openRig(t);
  const { unit, thief } = await unitAndThief(rig);
  for (const one of [thief, unit, thief]) {
    await run(rig, one, 1, 1);
    await visit(rig, one);
  }
  t.is(rig.fleet.find(ID)?.state, 'quarantined');
  release(rig);
  await run(rig, unit, 1, 1);
  await visit(rig, unit);
  await run(rig, unit, 1, 1);
  await rig.time.advance(ROUND_MS);
  t.is(rig.fleet.find(ID)?.state, 'active');
});

test('a unit that was enrolled anew is not held against what came by its key of before', async (t) => {
  const rig = await openRig(t);
  const { unit, thief } = await unitAndThief(rig);
  await run(rig, thief, 1, 1);
  await visit(rig, thief);
  decideStanding(rig, ID, { decision: 'revoked', atMs: rig.time.now().wallMs, reason: 'key was stolen', by: 'ana' });
  await rig.time.advance(1000);
  rig.enrol(ID, testSigner(3));
  const again = new SimulatedLcu({ ...unit.options, signer: testSigner(3) });
  again.epochs.splice(0, 1, ...unit.epochs);
  await run(rig, again, 1, 1);
  await visit(rig, again);
  t.is(rig.ledger.holding(0, unit.present.epoch).mark.n, again.present.entries.length);
  t.deepEqual(judged(rig), ['revoked']);
});

test('an answer that its connection brought last is no other unit, though the LCU starts and comes back before it is stored', async (t) => {
  const rig = await openRig(t);
  const { unit } = await unitAndThief(rig);
  for (let restart = 0; restart < 3; restart++) {
    await run(rig, unit, 1, 1);
    rig.connect(unit);
    await rig.time.advance(10);
    unit.beginEpoch();
    rig.connect(unit);
    await rig.time.advance(ROUND_MS);
  }
  t.deepEqual(judged(rig), []);
  t.is(rig.ledger.holding(0, unit.present.epoch).mark.n, 1);
});

test('an LCU that restarts and leaves a connection behind that answers late is none', async (t) => {
  const rig = await openRig(t);
  const { unit } = await unitAndThief(rig);
  await run(rig, unit, 1, 1);
  const held: Uint8Array[] = [];
  const half = rig.connect(unit, (frame) => {
    const back = unit.receive(frame);
    if (back && unit.polls.length > 1) held.push(back);
    return unit.polls.length > 1 ? undefined : back;
  });
  await rig.time.advance(1000);
  t.is(held.length > 0, true, 'an answer that is on its way');
  unit.beginEpoch();
  await visit(rig, unit);
  for (const frame of held) half.deliver(frame);
  await run(rig, unit, 1, 1);
  await rig.time.advance(ROUND_MS);
  t.deepEqual(judged(rig), []);
});

test('an LCU that restarts again and again, with and without answers in between, is none', async (t) => {
  const rig = await openRig(t);
  const { unit } = await unitAndThief(rig);
  for (let restart = 0; restart < 5; restart++) {
    unit.beginEpoch();
    if (restart % 2 === 0) rig.connect(unit, () => undefined);
    await run(rig, unit, 2, 1);
    await visit(rig, unit);
    await visit(rig, unit);
  }
  t.deepEqual(judged(rig), []);
});

test('security: a unit that answers first with nothing new, and delivers then, tells the thief before it', async (t) => {
  const rig = await openRig(t);
  const { unit, thief } = await unitAndThief(rig);
  await run(rig, thief, 1, 666);
  await visit(rig, thief);
  await visit(rig, unit);
  t.deepEqual(judged(rig), [], 'so far it brought nothing');
  await run(rig, unit, 1, 1);
  await rig.time.advance(ROUND_MS);
  t.deepEqual(judged(rig), ['branch-delivers', 'quarantined']);
});
