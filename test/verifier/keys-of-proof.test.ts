import { buildProof, type ProofParts } from '@farola/collector/proof/build-proof.js';
import { isoTime, kidOf, type Signer, toHex } from '@farola/shared';
import test from 'ava';
import { ENTRIES, headAt, honestParts, LCU, ledgerRow, OTHER_LCU, POLL_KEY, signRequest, START_MS } from './proof-of-lcu.js';
import { verdict } from './run-verifier.js';

const [OLD_KEY] = honestParts().lcuKeys as [ProofParts['lcuKeys'][number]];
const ENROLLED_AGAIN_MS = START_MS + 600_000;
const TWO_KEYS: ProofParts['lcuKeys'] = [
  { ...OLD_KEY, toMs: ENROLLED_AGAIN_MS },
  { publicKey: OTHER_LCU.publicKey, fromMs: ENROLLED_AGAIN_MS, toMs: null, request: signRequest({}, OTHER_LCU) },
];
const shortKey = ({ publicKey }: Signer): string => toHex(publicKey).slice(0, 16);

test('an LCU that was enrolled again goes on with its epoch: each entry is shown by the key that signed it', async (t) => {
  const rows = [
    ledgerRow(1),
    ledgerRow(2, { from: 4, to: 4 }),
    ledgerRow(3, { from: 4, to: 6, first: 5, signer: OTHER_LCU }),
    ledgerRow(4, { from: 2, to: 3, signer: OTHER_LCU }),
  ];
  const { code, output } = await verdict(t, buildProof({ ...honestParts(), lcuKeys: TWO_KEYS, rows }, POLL_KEY));
  t.is(code, 0, output);
  t.regex(output, /\nrows 4, entries 6, epochs 1\n/);
  const lines = output.trim().split('\n');
  t.deepEqual(lines.slice(-2), [
    `epoch 0e0e0e0e0e0e0e0e by key ${shortKey(LCU)}: entries 1-4`,
    `epoch 0e0e0e0e0e0e0e0e by key ${shortKey(OTHER_LCU)}: entries 2-3, 5-6`,
  ]);
  t.deepEqual(
    lines.filter((line) => line.startsWith('key ')),
    [
      `key ${toHex(LCU.publicKey)} in force from 2026-11-22T17:00:00Z to 2026-11-22T18:10:00Z`,
      `key ${toHex(OTHER_LCU.publicKey)} in force from 2026-11-22T18:10:00Z`,
    ],
  );
});

for (const [what, rows] of [
  ['before its key was in force, by a clock that was put back since', [ledgerRow(1, { receivedAtMs: START_MS - 3_600_001 })]],
  ['after its key had ended', [ledgerRow(1), ledgerRow(3, { from: 4, to: 6 })]],
] as const) {
  test(`a row that was received ${what} is proven, with a remark`, async (t) => {
    const { code, output } = await verdict(t, buildProof({ ...honestParts(), lcuKeys: TWO_KEYS, rows }, POLL_KEY));
    t.is(code, 0, output);
    const at = isoTime(rows.at(-1)!.receivedAtMs);
    t.true(output.endsWith(`\nremark: row ${rows.length} was received outside the time of its key, ${at}\n`), output);
  });
}

test('security: a key that stands in the bytes of an answer and did not sign it is not shown as its signer', async (t) => {
  const nonce = Buffer.concat([kidOf(LCU.publicKey), kidOf(LCU.publicKey)]);
  const row = ledgerRow(3, { poll: { nonce }, answer: { nonce }, signer: OTHER_LCU });
  const { code, output } = await verdict(t, buildProof({ ...honestParts(), lcuKeys: TWO_KEYS, rows: [row] }, POLL_KEY));
  t.is(code, 0, output);
  t.true(output.includes(`epoch 0e0e0e0e0e0e0e0e by key ${shortKey(OTHER_LCU)}: entries 1-3\n`), output);
});

test('security: two keys that disagree about the same entry are both shown, as a fork', async (t) => {
  const answer = { from: 3, to: 3, prev: headAt(4), head: headAt(5) };
  const other = ledgerRow(3, { answer, from: 3, to: 3, base: headAt(4), entries: [ENTRIES[4]!], signer: OTHER_LCU });
  const bytes = buildProof({ ...honestParts(), lcuKeys: TWO_KEYS, rows: [ledgerRow(1), other] }, POLL_KEY);
  const { code, output } = await verdict(t, bytes);
  t.is(code, 2);
  t.true(
    output.includes(
      `by key ${shortKey(OTHER_LCU)}: entries 3\nforked: row 2 disagrees with row 1 about 0e0e0e0e0e0e0e0e, entry 2`,
    ),
    output,
  );
});
