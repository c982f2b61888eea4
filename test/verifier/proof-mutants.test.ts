import { buildProof } from '@farola/collector/proof/build-proof.js';
import { encodeFrame, joinBytes, KINDS, sameBytes } from '@farola/shared';
import test from 'ava';
import { Dice } from '../unit/fuzz/dice.js';
import { mutateBytes } from '../unit/fuzz/mutate-bytes.js';
import { mutateFrame } from '../unit/fuzz/mutate-frame.js';
import { honestParts, LCU, ledgerRow, POLL_KEY } from './proof-of-lcu.js';
import { proofFile, python, verdict } from './run-verifier.js';

/** Each costs the verifier a millisecond or two. */
const MUTANTS = process.env['FAROLA_LONG'] === '1' ? 50_000 : 2_000;
const SEED = Number(process.env['FAROLA_SEED'] ?? process.pid);
/** A mutant that takes longer hangs, s. */
const HANG_S = 5;

const GOOD = buildProof(honestParts(), POLL_KEY);
/** None, since its LCU signed it. */
const OTHER = buildProof({ ...honestParts(), rows: [ledgerRow(2, { from: 2, to: 3 })], issuedAtMs: 1 }, LCU);

function mutantOf(dice: Dice): Uint8Array {
  if (dice.oneIn(2)) return mutateBytes(GOOD, dice, OTHER);
  const [frame, other] = [GOOD, OTHER].map((one) => encodeFrame(KINDS.proof.number, one)) as [Uint8Array, Uint8Array];
  return mutateFrame(frame, dice, other).subarray(frame.length - GOOD.length);
}

test('no mutant of a proof is accepted, and the verifier neither fails nor hangs on one', async (t) => {
  t.timeout(1_200_000);
  t.log(`FAROLA_SEED=${SEED} repeats them`);
  const mutants = Array.from({ length: MUTANTS }, (_, i) => mutantOf(new Dice(SEED * 1_000_003 + i * 7919)));
  const changed = mutants.filter((mutant) => !sameBytes(mutant, GOOD));
  t.true(changed.length > MUTANTS / 2);
  const packed = changed.flatMap((mutant) => {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, mutant.length);
    return [length, mutant];
  });
  const { code, output } = await python('judge-mutants.py', [proofFile(t, joinBytes(...packed))]);
  t.is(code, 0, output);
  const [, refused, accepted, slowest] = /^(\d+) refused, accepted: \[(.*)\], slowest: ([\d.]+)\n$/.exec(output) ?? [];
  t.deepEqual([Number(refused), accepted], [changed.length, '']);
  t.true(Number(slowest) < HANG_S, `${slowest} s`);
});

test('bytes at which the CBOR library itself fails, without saying with what, are refused as any others', async (t) => {
  const { code, output } = await verdict(t, Buffer.from('a854c34c7ecccb8d8a91b4ee37a25df60f5b8fc9b394d81e07', 'hex'));
  t.is(code, 1, output);
  t.regex(output, /is not CBOR/);
});
