import test, { type ExecutionContext } from 'ava';
import { ENROL_REQUEST, FarolaError, GAP_REASON, signMessage, toHex } from '@farola/shared';
import { buildProof } from '@farola/collector/proof/build-proof.js';
import { type ProofSource, proofRows } from '@farola/collector/proof/proof-rows.js';
import { RowProver } from '@farola/collector/proof/prove-row.js';
import type { CollectorRig } from '../../fakes/collector-rig.js';
import { seededRandom } from '../../fakes/seeded-random.js';
import { sodiumVerify } from '../../fakes/sodium-verify.js';
import { testSigner } from '../../fakes/test-signer.js';
import { ID, run, twins, visit } from '../../fakes/twins.js';
import { verdict } from '../../verifier/run-verifier.js';

const LCU = testSigner(2);

/** What the verifier says of a proof of a span, and how many rows that has. */
async function proven(t: ExecutionContext, { identity, ledger, time }: Proven, fromMs: number, toMs: number) {
  const { collectorId, rootKey, keys, pollSigner } = identity;
  const lcus = [{ lcuNo: 0, lcuId: ID, publicKeys: [LCU.publicKey] }];
  const prover = new RowProver({ pollKeys: [pollSigner.publicKey], lcus, verify: sodiumVerify });
  const { rows, answers, forked, unseen } = proofRows(ledger, 0, { fromMs, toMs }, prover);
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
  return { ...(await verdict(t, proof)), proof, answers, rows: rows.length, forked, unseen };
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

/** A unit and then four of its key, each with a branch of its own, the last of them refused. @returns the time of the unit's own */
async function refusedBranch(t: ExecutionContext) {
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
  return { rig, start, upTo };
}

test('security: a branch that was refused is shown by the answer that is kept with its judgement', async (t) => {
  const { rig, start, upTo } = await refusedBranch(t);
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

type Proven = Pick<CollectorRig, 'identity' | 'time'> & { readonly ledger: ProofSource };

/** A collector of whose ledger rows and judgements come out otherwise than they were stored. */
function harmed({ identity, time, ledger }: CollectorRig, of: Partial<ProofSource>): Proven {
  const source: ProofSource = {
    rows: of.rows ?? ((...span) => ledger.rows(...span)),
    rowOf: (...asked) => ledger.rowOf(...asked),
    judgements: of.judgements ?? ((lcuNo) => ledger.judgements(lcuNo)),
  };
  return { identity, time, ledger: source };
}

test('a damaged row outside the span keeps no proof from being made: it is told, and what else contradicts is in it', async (t) => {
  const { rig, unit, thief } = await twins(t, 10);
  await run(rig, thief, 3, 666);
  await visit(rig, thief);
  await rig.time.advance(3_600_000);
  const later = rig.time.now().wallMs;
  await run(rig, unit, 3, 2);
  await visit(rig, unit);
  const upTo = rig.time.now().wallMs;
  const [oldest] = [...rig.ledger.rows(0, 0, upTo)];
  const rows: ProofSource['rows'] = function* (...span) {
    if (span[1] === 0) yield { ...oldest!, key: 77, base: new Uint8Array(32) };
    yield* rig.ledger.rows(...span);
  };
  const { code, output, forked, unseen } = await proven(t, harmed(rig, { rows }), later, upTo);
  t.is(code, 2, output);
  t.is(forked.length, 1);
  t.is(unseen.length, 1);
  t.regex(unseen[0] ?? '', /^row 77, received \S+: its bytes do not agree$/);
});

test('what cannot be read behind a damaged place is told, and the proof is made of what can', async (t) => {
  const { rig, unit, thief } = await twins(t, 10);
  await run(rig, unit, 3, 2);
  await visit(rig, unit);
  await run(rig, thief, 3, 666);
  await visit(rig, thief);
  const upTo = rig.time.now().wallMs;
  const rows: ProofSource['rows'] = function* (lcuNo, fromMs, toMs) {
    yield* rig.ledger.rows(lcuNo, fromMs, toMs);
    if (toMs > upTo) throw new FarolaError('ledger-corrupt', { path: 'x.db', reason: 'test' });
  };
  const judgements = (): never => {
    throw new FarolaError('disk-failure', { path: 'y.db', reason: 'test' });
  };
  const source = harmed(rig, { rows, judgements });
  const { code, output, unseen } = await proven(t, source, 0, upTo);
  t.is(code, 2, output);
  t.deepEqual(unseen, [
    'judgements behind a place that cannot be read: y.db: test',
    'rows behind a place that cannot be read: x.db does not agree with itself: test',
  ]);
});

test('a damaged row of the span itself ends the export', async (t) => {
  const { rig, unit } = await twins(t, 10);
  await visit(rig, unit);
  const rows: ProofSource['rows'] = function* (...span) {
    for (const row of rig.ledger.rows(...span)) yield { ...row, base: new Uint8Array(32) };
  };
  const upTo = rig.time.now().wallMs;
  await t.throwsAsync(proven(t, harmed(rig, { rows }), 0, upTo), { code: 'ledger-corrupt' });
});

test('security: a refused answer that does not prove itself enters no proof', async (t) => {
  const { rig, start, upTo } = await refusedBranch(t);
  const judgements: ProofSource['judgements'] = (lcuNo) =>
    rig.ledger.judgements(lcuNo).map((judgement) => {
      const { kept } = judgement;
      if (!kept) return judgement;
      const answer = new Uint8Array(kept.answer);
      answer[answer.length - 1] = (answer.at(-1) ?? 0) ^ 1;
      return { ...judgement, kept: { ...kept, answer } };
    });
  const refused = judgements(0).flatMap(({ kept }) => (kept ? [toHex(kept.answer)] : []));
  t.true(refused.length > 0);
  const source = harmed(rig, { judgements });
  const { code, proof, output } = await proven(t, source, start, upTo);
  t.is(code, 2, output);
  t.false(refused.some((answer) => toHex(proof).includes(answer)));
});
