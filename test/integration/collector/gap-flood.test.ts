import test from 'ava';
import { cutFrame, cutSigned, GAP_REASON, type GapRecord, KINDS, parseMessage, POLL, sha256 } from '@farola/shared';
import { BYTELESS_LIMIT } from '@farola/collector/ledger/holdings.js';
import { openRig } from '../../fakes/collector-rig.js';
import { testSigner } from '../../fakes/test-signer.js';

const ID = 'malaga-0042';
/** Gaps of one answer. */
const GAPS = 33;
/** Far beyond what an LCU gives in its life. */
const LISTED = 2 ** 40;

test('security: an LCU that tells one gap beside the other without end is taken at its word a thousand times, and polls cost no more', async (t) => {
  const rig = await openRig(t);
  const lcu = rig.simulate(ID, 2);
  rig.enrol(ID, testSigner(2));
  const { epoch } = lcu.present;
  let from = 1000;
  let head = sha256(epoch);
  const nextGap = (): GapRecord => {
    const prev = head;
    head = sha256(prev);
    return [epoch, from, from++, prev, head, GAP_REASON.evicted];
  };
  let polls = 0;
  for (let connection = 0; connection < 3; connection++) {
    rig.connect(lcu, (frame) => {
      const { kind, signed } = cutFrame(frame);
      const parts = cutSigned(signed);
      const poll = kind === KINDS.poll.number && parts.ok ? parseMessage(POLL, parts.value.payload) : undefined;
      if (!poll?.ok) return lcu.receive(frame);
      polls++;
      return lcu.answerPoll(poll.value, signed, {
        gaps: Array.from({ length: GAPS }, nextGap),
        openEpochs: [[epoch, 1, LISTED]],
      });
    });
    await rig.time.advance(60_000);
  }
  const { byteless } = rig.ledger.detail(0, epoch, 1, LISTED);
  t.true(byteless.length >= BYTELESS_LIMIT && byteless.length < BYTELESS_LIMIT + GAPS, `${byteless.length} spans`);
  t.true(polls < 3 * (BYTELESS_LIMIT / GAPS), `${polls} polls`);
  t.deepEqual(
    rig.ledger.holding(0, epoch).runs.map((run) => [run.from, run.to]),
    [
      [1, 1],
      [1000, 1000 + byteless.length - 1],
    ],
  );
});
