import test from 'ava';
import { type Cbor, cutFrame, cutSigned, decodeCbor, encodeCbor, encodeFrame, KINDS, seal, type Signer } from '@farola/shared';
import { campaign, FRAMES, verdictOn } from './campaign.js';
import type { Dice } from './dice.js';
import { mutateFrame } from './mutate-frame.js';
import { mutateValue } from './mutate-value.js';
import { COMMAND_KEY, LCU_SIGNER, orderReceivers, POLL_SIGNER, ROOT_KEY } from './order-receivers.js';

const { command, keys, keysTaken, commandAnswer, enrolAnswer } = await orderReceivers();

for (const [kind, { good, other, receive }, signer] of [
  ['command', command, COMMAND_KEY],
  ['keys', keys, ROOT_KEY],
  ['keysTaken', keysTaken, LCU_SIGNER],
  ['commandAnswer', commandAnswer, LCU_SIGNER],
  ['enrolAnswer', enrolAnswer, POLL_SIGNER],
] as const) {
  test(`the frame of kind ${kind} that is mutated is good, and the one beside it is not`, async (t) => {
    t.is(await receive(good), undefined);
    t.is(typeof (await receive(other)), 'string');
  });

  test.serial(`no mutant of kind ${kind} is accepted, and none throws or hangs`, async (t) => {
    await campaign(t, FRAMES * 0.02, async (dice) => {
      const mutant = mutateFrame(good, dice, other);
      return verdictOn(mutant, good, await receive(mutant));
    });
  });

  test.serial(`other values of kind ${kind} under a good signature are refused with a code, or taken`, async (t) => {
    const payload = valuesOf(good);
    // Of keys statements one code says all.
    const outcomes = kind === 'keys' ? 2 : 4;
    const receiveSigned = async (dice: Dice): Promise<string> =>
      (await receive(signedAs(kind, mutateValue(payload, dice), signer))) ?? 'taken';
    await campaign(t, FRAMES * 0.005, receiveSigned, outcomes);
  });
}

function valuesOf(frame: Uint8Array): Cbor {
  const cut = cutSigned(cutFrame(frame).signed);
  if (!cut.ok) throw new Error(cut.code);
  return decodeCbor(cut.value.payload);
}

function signedAs(kind: keyof Awaited<ReturnType<typeof orderReceivers>>, value: Cbor, signer: Signer): Uint8Array {
  const { number, contentType } = KINDS[kind];
  return encodeFrame(number, seal(contentType, encodeCbor(value), signer));
}
