import test from 'ava';
import { deriveFromAnswer } from '@farola/collector/fleet/derive-change.js';
import { EpochHolding } from '@farola/collector/ledger/epoch-holding.js';
import { judgeDelivery } from '@farola/collector/ledger/judge-delivery.js';
import type { Asked } from '@farola/collector/verify/asked.js';
import { type VerifiedAnswer, verifyAnswer } from '@farola/collector/verify/verify-answer.js';
import { ANSWER, BatchDecoder, type Cbor, chainHead, decodeCbor, encodeCbor, encodeMessage, sameBytes } from '@farola/shared';
import { sodiumVerify } from '../../fakes/sodium-verify.js';
import { askedAnswers, RECEIVED_MONO_MS } from './asked-answers.js';
import { campaign, FRAMES, verdictOn } from './campaign.js';
import type { Dice } from './dice.js';
import { mutateBytes } from './mutate-bytes.js';
import { type FrameParts, frameOf, mutateFrame, mutateItems, partsOf } from './mutate-frame.js';
import { mutateValue } from './mutate-value.js';

const GOOD = askedAnswers();

test('the answers that are mutated are good', (t) => {
  for (const { frame, asked } of GOOD) t.true(verifyAnswer(frame, asked, RECEIVED_MONO_MS, sodiumVerify, () => undefined).ok);
});

test('no mutant of an answer is accepted, and none throws or hangs', async (t) => {
  await campaign(t, FRAMES * 0.3, (dice) => {
    const { frame, asked } = dice.pick(GOOD);
    const mutant = mutateFrame(frame, dice, dice.pick(GOOD).frame);
    const judged = verifyAnswer(mutant, asked, RECEIVED_MONO_MS, sodiumVerify, () => undefined);
    return verdictOn(mutant, frame, judged.ok ? undefined : judged.code);
  });
});

/** A mutant that the LCU itself signed, so to say: its key is with an attacker. */
function hostile({ header, payload, signature, ...parts }: FrameParts, dice: Dice): Uint8Array {
  if (parts.coded) {
    const coded = dice.oneIn(3) ? mutateBytes(parts.coded, dice, parts.coded) : parts.coded;
    const decoded = new BatchDecoder().decode(coded, { epoch: new Uint8Array(16), from: 1 });
    const items = decoded.ok ? decoded.value.items : [];
    return frameOf({ ...parts, header, signature, payload: hostilePayload(payload, items, dice), coded });
  }
  const items = dice.oneIn(3) ? mutateItems(parts.items ?? [], dice, []) : (parts.items ?? []);
  return frameOf({ ...parts, header, signature, payload: hostilePayload(payload, items, dice), items });
}

/** A third as bytes, a third as values, a third with the chain made right again for whatever entries stand beside. */
function hostilePayload(payload: Uint8Array, items: readonly Uint8Array[], dice: Dice): Uint8Array {
  if (dice.oneIn(3)) return mutateBytes(payload, dice, payload);
  const value = new Map(decodeCbor(payload) as ReadonlyMap<number, Cbor>);
  if (dice.oneIn(2)) {
    const from = value.get(14) as number;
    value.set(15, from + items.length - 1).set(17, headOver(value.get(16) as Uint8Array, items));
  }
  return encodeCbor(dice.oneIn(4) ? value : mutateValue(value, dice));
}

function headOver(prev: Uint8Array, items: readonly Uint8Array[]): Uint8Array {
  return items.some((item) => item.length > 8192) ? prev : chainHead(prev, items);
}

/** What must hold of an answer that is accepted, whoever signs. */
function assertBound({ answer, entries }: VerifiedAnswer, asked: Asked, frame: Uint8Array): void {
  const rightPoll = sameBytes(answer.nonce, asked.nonce) && sameBytes(answer.pollHash, asked.pollHash);
  if (!rightPoll || answer.pollId !== asked.pollId || answer.lcuId !== asked.lcuId) throw new Error('bound to another poll');
  if (!sameBytes(answer.boot, asked.boot)) throw new Error('from another boot');
  if (entries.items.length !== answer.to - answer.from + 1) throw new Error('entries are missing');
  if (!sameBytes(chainHead(answer.prev, entries.items), answer.head)) throw new Error('the chain is broken');
  const parts = partsOf(frame);
  if (!sameBytes(encodeMessage(ANSWER, answer), parts.payload)) throw new Error('the payload has another encoding');
  if (!sameBytes(frameOf(parts), frame)) throw new Error('the frame has another encoding');
}

test('what a hostile LCU signs is refused with a code, or is bound, proven and stored without a failure', async (t) => {
  const holdings = [EpochHolding.EMPTY, heldFrom(1, 5), heldFrom(3, 2 ** 40), heldFrom(2 ** 47, 2 ** 48)];
  await campaign(t, FRAMES * 0.15, (dice) => {
    const { frame, asked } = dice.pick(GOOD);
    const mutant = hostile(partsOf(frame), dice);
    const judged = verifyAnswer(
      mutant,
      asked,
      RECEIVED_MONO_MS,
      () => true,
      () => undefined,
    );
    if (!judged.ok) return judged.code;
    assertBound(judged.value, asked, mutant);
    const { answer, range, entries } = judged.value;
    const { from, gaps, openEpochs } = answer;
    const holding = dice.pick(holdings);
    const held = {
      holdingOf: () => holding,
      headAt: () => (dice.oneIn(2) ? new Uint8Array(32) : undefined),
      detail: (_: Uint8Array, from: number, to: number) => {
        return { told: [], byteless: dice.oneIn(2) ? [{ from, to }] : [], shared: [] };
      },
      branchesOf: () => (dice.oneIn(2) ? 1 : 2),
      takesGaps: () => true,
      mayBegin: () => dice.oneIn(2),
      unitOf: () => undefined,
    };
    const delivered = judgeDelivery({ lcuId: answer.lcuId, range, gaps, openEpochs }, held);
    if (!delivered.ok) return `then ${delivered.code}`;
    const { id, first, adds } = delivered.value;
    const items = entries.items.slice(first - from);
    const start = { boot: answer.boot, atMs: undefined };
    const standing = { counts: true, fromEpochAfterMs: null };
    deriveFromAnswer({ lcuNo: 0, receivedAtMs: 0, epoch: id, answer, first, entries: items, adds, start, standing });
    return 'stored';
  });
});

function heldFrom(from: number, to: number): EpochHolding {
  return EpochHolding.EMPTY.with({ from, to, prev: new Uint8Array(32), head: new Uint8Array(32).fill(1) });
}
