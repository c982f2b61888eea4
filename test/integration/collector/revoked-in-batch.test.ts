import test, { type ExecutionContext } from 'ava';
import { decideStanding } from '@farola/collector/fleet/decide.js';
import type { Lcu } from '@farola/collector/fleet/fleet.js';
import { GROUP_DELAY_MS } from '@farola/collector/ledger/group-commit.js';
import type { SimulatedLcu } from '#scripts/simulated-lcu.js';
import { type CollectorRig, openRig } from '../../fakes/collector-rig.js';
import type { MemoryChannel } from '../../fakes/memory-channel.js';
import { sample } from '../../fakes/test-chain.js';
import { testSigner } from '../../fakes/test-signer.js';

interface Unit {
  readonly lcu: SimulatedLcu;
  readonly known: Lcu;
  readonly channel: MemoryChannel;
}

/** Two LCUs whose first answers came and wait for one commit. */
async function waiting(t: ExecutionContext): Promise<{ rig: CollectorRig; thief: Unit; honest: Unit }> {
  const rig = await openRig(t);
  const unit = (lcuId: string, byte: number): Unit => {
    const lcu = rig.simulate(lcuId, byte);
    const known = rig.enrol(lcuId, testSigner(byte));
    lcu.append(sample(0, rig.time.now().monoMs, [1]));
    return { lcu, known, channel: rig.connect(lcu) };
  };
  const [thief, honest] = [unit('malaga-0042', 2), unit('malaga-0043', 3)];
  await rig.time.advance(GROUP_DELAY_MS / 2);
  t.deepEqual([thief.lcu.polls.length, honest.lcu.polls.length], [1, 1]);
  t.deepEqual(rig.stored(thief.known), []);
  return { rig, thief, honest };
}

function decide(rig: CollectorRig, { known: { lcuId } }: Unit, decision: 'revoked' | 'retired'): void {
  decideStanding(rig, lcuId, { decision, atMs: rig.time.now().wallMs, reason: 'the key was stolen', by: 'ana' });
}

for (const [decision, code] of [
  ['revoked', 'lcu-revoked'],
  ['retired', 'lcu-retired'],
] as const) {
  for (const isSeen of [true, false]) {
    test(`B10: the answer of an LCU that is ${decision} while it waits for its commit is not stored${isSeen ? '' : ', though nobody has looked at the fleet since'}`, async (t) => {
      const { rig, thief, honest } = await waiting(t);
      decide(rig, thief, decision);
      const review = (): void => rig.polls.review((lcuId) => rig.fleet.find(lcuId));
      if (isSeen) review();
      await rig.time.advance(GROUP_DELAY_MS);
      t.deepEqual(rig.stored(thief.known), []);
      if (!isSeen) review();
      t.is(rig.ledger.holding(thief.known.lcuNo, thief.lcu.present.epoch).mark.n, 0);
      t.is(thief.channel.closedFor, code);
      t.is(rig.contact(thief.known)?.verdict, code);
      t.true(rig.log.some(({ level, fields }) => level === 'warn' && fields['code'] === code && fields['lcu'] === 'malaga-0042'));
      t.is(rig.stored(honest.known).length, 1, 'the others of the batch are stored');
      t.is(rig.contact(honest.known)?.verdict, 'ok');
      await rig.time.advance(1000);
      t.deepEqual(rig.stored(thief.known), []);
    });
  }
}
