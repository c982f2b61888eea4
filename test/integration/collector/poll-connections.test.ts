import test from 'ava';
import { cutFrame, KINDS } from '@farola/shared';
import { type CollectorRig, openRig, ROUND_MS } from '../../fakes/collector-rig.js';
import { testSigner } from '../../fakes/test-signer.js';

function warnings({ log }: CollectorRig): unknown[] {
  return log.filter(({ level }) => level !== 'info').map(({ fields }) => fields['code']);
}

test('B11: refuses the answer of one LCU on the connection of another, and leaves both as they were', async (t) => {
  const rig = await openRig(t);
  const [a, b] = [rig.simulate('malaga-0001', 2), rig.simulate('malaga-0002', 3)];
  const [knownA, knownB] = [rig.enrol('malaga-0001', testSigner(2)), rig.enrol('malaga-0002', testSigner(3))];
  let toB = false;
  const ofA = rig.connect(a);
  rig.connect(b, (frame) => (toB && cutFrame(frame).kind === KINDS.poll.number ? a.receive(frame) : b.receive(frame)));
  await rig.time.advance(100);
  ofA.close('gone');
  await rig.time.advance(100);
  const before = [rig.stored(knownA), rig.stored(knownB)];
  t.deepEqual(
    before.map(({ length }) => length),
    [1, 1],
  );
  toB = true;
  a.append({ kind: 'event', at: rig.time.now(), code: 'stop', facts: [] });
  await rig.time.advance(ROUND_MS);
  t.deepEqual(warnings(rig), ['header-unexpected']);
  t.deepEqual([rig.stored(knownA), rig.stored(knownB)], before);
  toB = false;
  rig.connect(a);
  await rig.time.advance(100);
  t.is(rig.stored(knownA).length, 2, 'what it holds comes by its own connection');
});

test('replaces an older connection by a newer one, whose polls alone are answered', async (t) => {
  const rig = await openRig(t);
  const lcu = rig.simulate('malaga-0042', 2);
  const known = rig.enrol('malaga-0042', testSigner(2));
  const older = rig.connect(lcu);
  await rig.time.advance(100);
  const newer = rig.connect(lcu);
  await rig.time.advance(100);
  t.is(older.closedFor, 'replaced');
  t.is(newer.closedFor, undefined);
  const sentOnOlder = older.sent.length;
  await rig.time.advance(ROUND_MS);
  t.is(older.sent.length, sentOnOlder);
  t.is(rig.polls.counts.connected, 1);
  t.is(rig.stored(known).length > 0, true);
});

test('D32: counts an answer once when the connection is replaced while it waits for its commit', async (t) => {
  const rig = await openRig(t);
  const lcu = rig.simulate('malaga-0042', 2);
  const known = rig.enrol('malaga-0042', testSigner(2));
  rig.connect(lcu);
  await rig.time.advance(10);
  rig.connect(lcu);
  await rig.time.advance(200);
  t.deepEqual(warnings(rig), []);
  t.deepEqual(
    rig.stored(known).map((range) => range.slice(5)),
    ['1..1'],
  );
});

test('counts an answer once when the connection is lost while it waits for its commit, and twice replaced', async (t) => {
  const rig = await openRig(t);
  const lcu = rig.simulate('malaga-0042', 2);
  const known = rig.enrol('malaga-0042', testSigner(2));
  const first = rig.connect(lcu);
  await rig.time.advance(10);
  first.close('gone');
  const second = rig.connect(lcu);
  await rig.time.advance(1);
  const third = rig.connect(lcu);
  await rig.time.advance(1);
  t.is(second.closedFor, 'replaced');
  t.is(third.sent.length, 1, 'the hello; no poll before the first answer is stored');
  await rig.time.advance(200);
  t.is(third.sent.length, 2);
  t.deepEqual(warnings(rig), []);
  t.deepEqual(
    rig.stored(known).map((range) => range.slice(5)),
    ['1..1'],
  );
});

test('an answer that is stored when its connection is gone reads nothing more of its LCU', async (t) => {
  const rig = await openRig(t);
  const lcu = rig.simulate('malaga-0042', 2);
  rig.enrol('malaga-0042', testSigner(2));
  const { ledger } = rig;
  const holding = ledger.holding.bind(ledger);
  let reads = 0;
  ledger.holding = (...asked) => {
    reads++;
    return holding(...asked);
  };
  const channel = rig.connect(lcu);
  await rig.time.advance(10);
  channel.close('gone');
  const before = reads;
  await rig.time.advance(200);
  t.is(rig.stored({ lcuNo: 0 }).length, 1);
  t.is(reads, before);
});

test('a round that a new connection takes over is counted once, as it ended', async (t) => {
  const rig = await openRig(t);
  const lcu = rig.simulate('malaga-0042', 2);
  rig.enrol('malaga-0042', testSigner(2));
  rig.connect(lcu, (frame) => (cutFrame(frame).kind === KINDS.poll.number ? undefined : lcu.receive(frame)));
  await rig.time.advance(100);
  rig.connect(lcu);
  await rig.time.advance(200);
  t.like(rig.polls.counts, { rounds: 1, roundsFailed: 0 });
  const lost = rig.connect(lcu, (frame) => (cutFrame(frame).kind === KINDS.poll.number ? undefined : lcu.receive(frame)));
  await rig.time.advance(100);
  lost.close('gone');
  await rig.time.advance(100);
  t.like(rig.polls.counts, { rounds: 2, roundsFailed: 1 }, 'one that is lost has failed');
});
