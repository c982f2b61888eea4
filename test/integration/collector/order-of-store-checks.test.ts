import test from 'ava';
import { cutFrame, cutSigned, FarolaError, KINDS, parseMessage, POLL } from '@farola/shared';
import { decideStanding } from '@farola/collector/fleet/decide.js';
import { GroupCommit } from '@farola/collector/ledger/group-commit.js';
import type { SimulatedLcu } from '#scripts/simulated-lcu.js';
import { ROUND_MS } from '../../fakes/collector-rig.js';
import { FakeTime } from '../../fakes/fake-time.js';
import { seededRandom } from '../../fakes/seeded-random.js';
import { testAnswer } from '../../fakes/test-answer.js';
import { TestChain } from '../../fakes/test-chain.js';
import { codes, ID, run, twins, visit } from '../../fakes/twins.js';

/** Frames to an LCU that says it runs this code, or none. */
function running(lcu: SimulatedLcu, codeHash: () => Uint8Array | null): (frame: Uint8Array) => Uint8Array | undefined {
  return (frame) => {
    const { kind, signed } = cutFrame(frame);
    const parts = cutSigned(signed);
    const poll = kind === KINDS.poll.number && parts.ok ? parseMessage(POLL, parts.value.payload) : undefined;
    return poll?.ok ? lcu.answerPoll(poll.value, signed, { codeHash: codeHash() }) : lcu.receive(frame);
  };
}

test('an answer of revoked code that contradicts what is stored is code-revoked, and proves no fork', async (t) => {
  const { rig, unit, thief } = await twins(t, 10);
  await run(rig, thief, 10, 666);
  await visit(rig, thief);
  await run(rig, unit, 5, 2);
  rig.revoked = () => ({ name: '0.1.0', reason: 'a hole' });
  rig.connect(
    unit,
    running(unit, () => new Uint8Array(32)),
  );
  await rig.time.advance(ROUND_MS);
  t.is(rig.contact(rig.fleet.find(ID)!)?.verdict, 'code-revoked');
  t.deepEqual(codes(rig), []);
  rig.revoked = () => undefined;
  await rig.time.advance(ROUND_MS);
  t.deepEqual(codes(rig), ['chain-fork', 'quarantined'], 'with code that is not revoked it does');
});

test('an answer that contradicts, with no room for a branch, of an LCU that is revoked meanwhile is chain-fork', async (t) => {
  const { rig, unit, thief } = await twins(t, 10);
  const images = Array.from({ length: 2 }, (_, i) => unit.image(seededRandom(`${i}`)));
  const [last, ...others] = [unit, thief, ...images].toReversed();
  for (const [value, lcu] of others.entries()) {
    await run(rig, lcu, 3, value);
    await visit(rig, lcu);
    await rig.time.advance(ROUND_MS);
    t.is(rig.contact(rig.fleet.find(ID)!)?.verdict, 'ok');
  }
  await run(rig, last!, 3, 9);
  const answers = running(last!, () => {
    const { wallMs } = rig.time.now();
    if (rig.fleet.find(ID)?.state !== 'revoked')
      decideStanding(rig, ID, { decision: 'revoked', atMs: wallMs, reason: 'stolen', by: 'ana' });
    return null;
  });
  const channel = rig.connect(last!, answers);
  await rig.time.advance(2000);
  t.is(channel.closedFor, undefined, 'nobody has looked at the fleet since');
  t.is(rig.contact(rig.fleet.find(ID)!)?.verdict, 'chain-fork');
});

test('of an LCU that is revoked, and has no room in the ledger, that it is revoked is told', async (t) => {
  const time = new FakeTime();
  const append = (): never => {
    throw new FarolaError('ledger-slot-full', { lcu: 0, limit: 512 });
  };
  let revoked = true;
  const commit = new GroupCommit({
    ledger: { append },
    timers: time,
    judge: () => () => (revoked ? { ok: false, code: 'lcu-revoked', facts: { lcu: ID } } : undefined),
    onFailedHook: (error) => t.fail(String(error)),
  });
  const answer = testAnswer(new TestChain().grow(1), 1, 1);
  const refused = t.throwsAsync(commit.submit(answer), { code: 'lcu-revoked' });
  commit.flush();
  await refused;
  revoked = false;
  const full = t.throwsAsync(commit.submit(answer), { code: 'ledger-slot-full' });
  commit.flush();
  await full;
});
