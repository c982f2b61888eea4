import test from 'ava';
import { openRelease } from '@farola/collector/trust/open-release.js';
import { cutItems, encodeFrame, encodeItems, KINDS, sameBytes, toHex } from '@farola/shared';
import { releaseFile, RELEASE_KEYS, testRelease } from '../../fakes/test-release.js';
import { sodiumVerify } from '../../fakes/sodium-verify.js';
import { campaign, FRAMES, verdictOn } from './campaign.js';
import type { Dice } from './dice.js';
import { mutateBytes } from './mutate-bytes.js';
import { mutateFrame, mutateItems } from './mutate-frame.js';

const [A, B, C] = RELEASE_KEYS;
const TRUST = { threshold: 2, keys: [A, B, C].map(({ publicKey }) => publicKey) };
const GOOD = releaseFile({}, [A, B]);
const OTHER = releaseFile({ sequence: 2 }, [B]);
const SIGNED = cutItems(GOOD).items;

/** A release file that was good, changed: as bytes, in its list of signatures, or inside one of them. */
function mutant(dice: Dice): Uint8Array {
  const foreign = cutItems(OTHER).items;
  switch (dice.below(3)) {
    case 0:
      return mutateBytes(GOOD, dice, OTHER);
    case 1:
      return encodeItems(mutateItems(SIGNED, dice, foreign));
    default: {
      const at = dice.below(SIGNED.length);
      return encodeItems(SIGNED.with(at, insideOf(SIGNED[at]!, dice, foreign[0]!)));
    }
  }
}

/** One signature, changed as the signed part of a frame is. */
function insideOf(signed: Uint8Array, dice: Dice, other: Uint8Array): Uint8Array {
  const [frame, foreign] = [signed, other].map((one) => encodeFrame(KINDS.release.number, one)) as [Uint8Array, Uint8Array];
  return mutateFrame(frame, dice, foreign).subarray(frame.length - signed.length);
}

test('no mutant of a release file approves anything but what two keys signed, and none throws or hangs', async (t) => {
  t.true(openRelease(GOOD, TRUST, sodiumVerify).ok);
  await campaign(t, FRAMES * 0.025, (dice) => {
    const file = mutant(dice);
    const opened = openRelease(file, TRUST, sodiumVerify);
    if (!opened.ok) return verdictOn(file, GOOD, opened.code);
    const signers = SIGNED.filter((one) => cutItems(file).items.some((item) => sameBytes(item, one)));
    const isSame = toHex(opened.value.codeHash) === toHex(testRelease().codeHash) && opened.value.sequence === 1;
    return isSame && signers.length === 2 ? verdictOn(file, GOOD, 'the same two signatures') : verdictOn(file, GOOD, undefined);
  });
});
