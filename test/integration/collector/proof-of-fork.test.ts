import test, { type ExecutionContext } from 'ava';
import { ENROL_REQUEST, GAP_REASON, signMessage, toHex } from '@farola/shared';
import { buildProof } from '@farola/collector/proof/build-proof.js';
import { proofRows } from '@farola/collector/proof/proof-rows.js';
import { RowProver } from '@farola/collector/proof/prove-row.js';
import type { CollectorRig } from '../../fakes/collector-rig.js';
import { seededRandom } from '../../fakes/seeded-random.js';
import { sodiumVerify } from '../../fakes/sodium-verify.js';
import { testSigner } from '../../fakes/test-signer.js';
import { ID, run, twins, visit } from '../../fakes/twins.js';
import { verdict } from '../../verifier/run-verifier.js';

const LCU = testSigner(2);

/** What the verifier says of a proof of a span, and how many rows that has. */
async function proven(t: ExecutionContext, { identity, ledger, time }: CollectorRig, fromMs: number, toMs: number) {
  const { collectorId, rootKey, keys, pollSigner } = identity;
  const lcus = [{ lcuNo: 0, lcuId: ID, publicKeys: [LCU.publicKey] }];
  const prover = new RowProver({ pollKeys: [pollSigner.publicKey], lcus, verify: sodiumVerify });
  const { rows, answers, forked } = proofRows(ledger, 0, { fromMs, toMs }, prover);
  const request = signMessage(
    ENROL_REQUEST,
    {
      ...{ version: 1, lcuId: ID, collectorId, nonce: new Uint8Array(16), publicKey: LCU.publicKey },
      ...{ tokenHash: new Uint8Array(32), agentVersion: '1', assurance: 0, evidence: [] },
    },
    LCU,
  );
  const lcuKeys = [{ publicKey: LCU.publicKey, fromMs: 0, toMs: null, request }];
  const issuedAtMs = time.now().wallMs;
  const parts = { collectorId, lcuId: ID, rootKey, keys, lcuKeys, fromMs, toMs, rows, issuedAtMs };
  const proof = buildProof(parts, pollSigner);
  return { ...(await verdict(t, proof)), proof, answers, rows: rows.length, forked };
}

test('security: a proof of the span of one branch holds what contradicts it, whenever that came', async (t) => {
  const { rig, unit, thief } = await twins(t, 10);
  const now = (): number => rig.time.now().wallMs;
  const before = now();
  await run(rig, thief, 3, 666);
  await visit(rig, thief);
  const between = now();
  await rig.time.advance(3_600_000);
  const later = now();
  await run(rig, unit, 3, 2);
  await visit(rig, unit);
  for (const [from, to] of [
    [before, between],
    [later, now()],
  ] as const) {
    const { code, output, forked } = await proven(t, rig, from, to);
    t.is(code, 2, output);
    t.regex(output, /\nforked: row \d+ disagrees with row \d+ about [0-9a-f]{16}, entry 1[0-3]\n/);
    t.is(forked.length, 1);
  }
});

test('security: a branch that was refused is shown by the answer that is kept with its judgement', async (t) => {
  const { rig, unit, thief } = await twins(t, 10);
  const others = ['two', 'three', 'four'].map((name) => unit.image(seededRandom(name)));
  const start = rig.time.now().wallMs;
  await run(rig, unit, 3, 0);
  await visit(rig, unit);
  const upTo = rig.time.now().wallMs;
  for (const [i, lcu] of [thief, ...others].entries()) {
    await run(rig, lcu, 3, i + 1);
    await visit(rig, lcu);
  }
  const refused = rig.ledger.judgements(0).at(-1)?.kept?.answer;
  const rows = [...rig.ledger.rows(0, 0, rig.time.now().wallMs)];
  t.false(rows.some(({ answer }) => toHex(answer) === toHex(refused!)));
  const { code, output, proof } = await proven(t, rig, start, upTo);
  t.is(code, 2, output);
  t.true(toHex(proof).includes(toHex(refused!)));
});

test('security: a fork that only a gap record shows is in the proof of the epoch that it speaks of', async (t) => {
  const { rig, unit, thief } = await twins(t, 10);
  await run(rig, unit, 5, 2);
  await visit(rig, unit);
  const upTo = rig.time.now().wallMs;
  await rig.time.advance(3_600_000);
  await run(rig, thief, 5, 666);
  const { epoch, heads } = thief.present;
  thief.gaps = [[epoch, 11, 15, heads[10]!, heads[15]!, GAP_REASON.evicted]];
  thief.beginEpoch();
  thief.epochs.splice(0, 1);
  await visit(rig, thief);
  const { code, output } = await proven(t, rig, 0, upTo);
  t.is(code, 2, output);
  t.regex(output, /\nforked: row \d+ disagrees with row \d+ about [0-9a-f]{16}, entry 15\n/);
});

test('a proof of an LCU that contradicts nothing holds the rows of its span alone', async (t) => {
  const { rig, unit } = await twins(t, 10);
  await visit(rig, unit);
  const { code, rows, answers, forked } = await proven(t, rig, 0, rig.time.now().wallMs);
  t.deepEqual([code, forked], [0, []]);
  t.is(rows, answers + 1, 'and the row of the start entry, once more');
});
