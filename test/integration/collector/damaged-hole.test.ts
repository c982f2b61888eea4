import test from 'ava';
import { cutFrame, GAP_REASON, KINDS, WANT, type Want } from '@farola/shared';
import type { SimulatedLcu } from '#scripts/simulated-lcu.js';
import { type CollectorRig, openRig } from '../../fakes/collector-rig.js';
import { sample } from '../../fakes/test-chain.js';
import { testSigner } from '../../fakes/test-signer.js';

/** Lets the answers of an LCU carry no entries below what `first` gives for the poll. */
function carryFrom(lcu: SimulatedLcu, first: (want: Want) => number): void {
  const compose = lcu.composeAnswer.bind(lcu);
  const { heads } = lcu.present;
  lcu.composeAnswer = (poll, signed) => {
    const { message, entries } = compose(poll, signed);
    const from = Math.max(message.from, first(poll.want));
    const to = Math.max(message.to, from - 1);
    const fewer = { ...message, from, to, prev: heads[from - 1] as Uint8Array, head: heads[to] as Uint8Array, gaps: lcu.gaps };
    return { message: fewer, entries: entries.slice(from - message.from) };
  };
}

function append(lcu: SimulatedLcu, rig: CollectorRig, upTo: number): void {
  while (lcu.present.entries.length < upTo) lcu.append(sample(0, rig.time.now().monoMs, [1]));
}

test('a hole that turns out to be damaged does not keep the holes behind it waiting for the next round', async (t) => {
  const rig = await openRig(t);
  const lcu = rig.simulate('malaga-0042', 2);
  rig.enrol('malaga-0042', testSigner(2));
  const { epoch, heads } = lcu.present;
  const runs = (): unknown => rig.ledger.holding(0, epoch).runs.map(({ from, to }) => [from, to]);
  let isDamaged = false;
  const asked = new Map([
    [100, 111],
    [120, 131],
  ]);
  carryFrom(lcu, ([kind, , after]) => {
    if (kind === WANT.newest) return asked.get(after) ?? 1;
    if (!isDamaged || after !== 100) return 1;
    lcu.gaps = [[epoch, 101, 110, heads[100] as Uint8Array, heads[110] as Uint8Array, GAP_REASON.damaged]];
    return 111;
  });
  const holdBack = (frame: Uint8Array): Uint8Array | undefined => {
    const answer = lcu.receive(frame);
    const isRange = cutFrame(frame).kind === KINDS.poll.number && lcu.polls.at(-1)?.want[0] === WANT.range;
    return isRange ? undefined : answer;
  };
  for (const upTo of [100, 120, 140]) {
    append(lcu, rig, upTo);
    rig.connect(lcu, holdBack);
    await rig.time.advance(1000);
  }
  t.deepEqual(runs(), [
    [1, 100],
    [111, 120],
    [131, 140],
  ]);

  isDamaged = true;
  rig.connect(lcu);
  await rig.time.advance(1000);
  t.deepEqual(runs(), [[1, 140]]);
  t.like(rig.contact(rig.fleet.find('malaga-0042')!), { verdict: 'ok', backlog: 0 });
});
