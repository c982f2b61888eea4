import { join } from 'node:path';
import test from 'ava';
import type { EpochStart, Journal } from '@farola/agent/journal/journal.js';
import { openSqliteJournal } from '@farola/agent/journal/sqlite-open.js';
import { type Answer, GAP_REASON, type Poll, sha256, WANT } from '@farola/shared';
import { bootOf, SimulatedLcu } from '#scripts/simulated-lcu.js';
import { openRig, ROUND_MS } from '../../fakes/collector-rig.js';
import { seededRandom } from '../../fakes/seeded-random.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { testSigner } from '../../fakes/test-signer.js';

const ID = 'malaga-0042';
const START = { boot: bootOf('b0'), codeHash: null, configHash: new Uint8Array(32), agentVersion: '1.0.0', analysers: [] };
type Told = Pick<Journal, 'epoch' | 'select' | 'openEpochs' | 'gaps' | 'applyAcks'>;

/** An LCU whose answers come from a journal. */
class JournalLcu extends SimulatedLcu {
  journal: Told | undefined;

  override answerPoll(poll: Poll, signed: Uint8Array, change: Partial<Answer> = {}): Uint8Array {
    this.journal?.applyAcks(poll.acks);
    return super.answerPoll(poll, signed, change);
  }

  override get present(): SimulatedLcu['present'] {
    return this.journal ? { epoch: this.journal.epoch, entries: [], heads: [], floor: 0 } : super.present;
  }

  override composeAnswer(poll: Poll, signedPoll: Uint8Array): ReturnType<SimulatedLcu['composeAnswer']> {
    const { journal } = this;
    if (!journal) return super.composeAnswer(poll, signedPoll);
    const { entries, ...range } = journal.select(poll.want);
    const { monoMs, wallMs } = this.options.now();
    const { pollId, nonce, version } = poll;
    const { lcuId, boot } = this.options;
    const message: Answer = {
      ...{ version, lcuId, pollId, nonce, pollHash: sha256(signedPoll), boot, now: [monoMs, wallMs, 2] },
      ...range,
      openEpochs: [...journal.openEpochs()],
      gaps: [...journal.gaps()],
      ...{ codeHash: null, programHash: null, circuits: [], health: new Map() },
    };
    return { message, entries: [...entries] };
  }
}

test('security: what a thief tells as gone and the true unit still has is asked, stored, and acknowledged only then', async (t) => {
  const rig = await openRig(t);
  const known = rig.enrol(ID, testSigner(2));
  const path = join(temporaryFolder(t), 'journal.sqlite');
  const journal = await openSqliteJournal({ path, lcuId: ID, maxBytes: 4_000_000, clock: rig.time, random: seededRandom('j') });
  t.teardown(() => journal.close());
  journal.beginEpoch(START satisfies EpochStart);
  const unitOf = (told: Told): JournalLcu => {
    const now = () => rig.time.now();
    const unit = new JournalLcu({ lcuId: ID, signer: testSigner(2), random: seededRandom('u'), boot: bootOf('b0'), now });
    unit.journal = told;
    return unit;
  };
  const append = (count: number): void => {
    for (let i = 0; i < count; i++) {
      journal.append({ kind: 'sample', at: rig.time.now(), analyser: 0, spanMs: 1, status: 'complete', values: [i] });
    }
  };
  const { epoch } = journal;
  const unit = unitOf(journal);
  append(5);
  const first = rig.connect(unit);
  await rig.time.advance(2000);
  first.close('shutting-down');
  append(400);

  const { prev } = journal.select([WANT.range, epoch, 6, 8]);
  const { head } = journal.select([WANT.range, epoch, 404, 406]);
  const thief = unitOf({
    epoch,
    applyAcks: () => [],
    gaps: () => [[epoch, 7, 405, prev, head, GAP_REASON.evicted]],
    openEpochs: () => [[epoch, 406, 405]],
    select: () => ({ epoch, from: 406, to: 405, prev: head, head, entries: [] }),
  });
  const stolen = rig.connect(thief);
  await rig.time.advance(2000);
  stolen.close('shutting-down');
  t.deepEqual(
    rig.ledger.holding(known.lcuNo, epoch).runs.map(({ from, to }) => [from, to]),
    [[1, 405]],
  );

  append(1);
  const before = unit.polls.length;
  rig.connect(unit);
  await rig.time.advance(2 * ROUND_MS);
  const acked = unit.polls.slice(before).flatMap(({ acks }) => acks.map(([, n]) => n));
  t.is(acked[0], 6, 'not what the thief told');
  t.is(acked.at(-1), 407);
  const lost = Array.from({ length: 407 }, (_, i) => i + 1).filter((n) => !rig.ledger.rowOf(known.lcuNo, epoch, n));
  t.deepEqual(lost, []);
});

test('what one unit tells as gone and another one still has of an epoch that it ended is asked of that, though it lists it no more', async (t) => {
  const rig = await openRig(t);
  const { lcuNo } = rig.enrol(ID, testSigner(2));
  const run = (unit: SimulatedLcu, to: number): void => {
    while (unit.present.entries.length < to) unit.append({ kind: 'event', at: rig.time.now(), code: 'stop', facts: [to] });
  };
  const visit = async (unit: SimulatedLcu): Promise<void> => {
    const link = rig.connect(unit);
    await rig.time.advance(ROUND_MS + 2000);
    link.close('shutting-down');
  };
  const unit = rig.simulate(ID, 2);
  run(unit, 10);
  await visit(unit);
  run(unit, 16);
  const twin = unit.image(seededRandom('twin'));
  twin.beginEpoch();
  twin.listsAll = false;
  run(unit, 40);
  const { epoch, heads } = unit.present;
  unit.present.floor = 30;
  unit.gaps = [[epoch, 11, 30, heads[10]!, heads[30]!, GAP_REASON.evicted]];
  await visit(unit);
  const isStored = (n: number): boolean => rig.ledger.rowOf(lcuNo, epoch, n) !== undefined;
  const lacked = (): number[] => Array.from({ length: 40 }, (_, i) => i + 1).filter((n) => !isStored(n));
  t.is(lacked().length, 20);

  await visit(twin);
  t.deepEqual(lacked(), [17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30]);
  const asked = twin.polls.length;
  await visit(twin);
  t.true(twin.polls.length - asked <= 4, `${twin.polls.length - asked} polls of what is stored already`);
});

test('an epoch with gaps costs a round no question of the ledger', async (t) => {
  const rig = await openRig(t);
  rig.enrol(ID, testSigner(2));
  const lcu = rig.simulate(ID, 2);
  for (let n = 2; n <= 40; n++) lcu.append({ kind: 'event', at: rig.time.now(), code: 'stop', facts: [] });
  const { epoch, heads } = lcu.present;
  lcu.gaps = [[epoch, 11, 20, heads[10]!, heads[20]!, GAP_REASON.evicted]];
  lcu.present.floor = 20;
  lcu.beginEpoch();
  const { ledger } = rig;
  const detail = ledger.detail.bind(ledger);
  let asked = 0;
  ledger.detail = (...about) => {
    asked++;
    return detail(...about);
  };
  rig.connect(lcu);
  await rig.time.advance(ROUND_MS);
  t.deepEqual(
    ledger.holding(0, epoch).runs.map(({ from, to }) => [from, to]),
    [[11, 40]],
  );
  t.is(rig.contact(rig.fleet.find(ID)!)?.verdict, 'ok', 'of what it deleted it says so');
  const before = asked;
  for (let round = 0; round < 3; round++) {
    lcu.append({ kind: 'event', at: rig.time.now(), code: 'stop', facts: [] });
    await rig.time.advance(ROUND_MS);
  }
  t.is(asked, before);
});
