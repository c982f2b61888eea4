import test from 'ava';
import { ANSWER, type Answer, encodeItems, FarolaError, POLL, type Poll, sha256, type Signer, signMessage } from '@farola/shared';
import type { LedgerRow } from '@farola/collector/ledger/ledger.js';
import { ledgerKey, slotOf } from '@farola/collector/ledger/ledger-key.js';
import { proveRow, RowProver } from '@farola/collector/proof/prove-row.js';
import { answerFields, pollFields, RECEIVED_AT_MS } from '../../fakes/test-answer.js';
import { TestChain } from '../../fakes/test-chain.js';
import { sodiumVerify } from '../../fakes/sodium-verify.js';
import { testSigner } from '../../fakes/test-signer.js';

const POLL_KEY = testSigner(100);
const OLD_POLL_KEY = testSigner(101);
const KEY = testSigner(1);
const NEXT_KEY = testSigner(2);
const OTHERS_KEY = testSigner(3);
const LCU_NO = 7;

const prover = new RowProver({
  pollKeys: [OLD_POLL_KEY.publicKey, POLL_KEY.publicKey],
  lcus: [
    { lcuNo: LCU_NO, lcuId: 'malaga-0042', publicKeys: [KEY.publicKey, NEXT_KEY.publicKey] },
    { lcuNo: LCU_NO + 1, lcuId: 'malaga-0043', publicKeys: [OTHERS_KEY.publicKey] },
  ],
  verify: sodiumVerify,
});

/** What is wrong with a row: fields that are signed so, who signs, and fields of the row itself. */
interface Wrong {
  readonly poll?: Partial<Poll>;
  readonly answer?: Partial<Answer>;
  readonly pollKey?: Signer;
  readonly lcuKey?: Signer;
  readonly row?: Partial<LedgerRow>;
}

const chain = new TestChain('malaga-0042').grow(9);

/** A row with the entries from..to of the chain, signed for real. */
function rowOf(from: number, to: number, { poll, answer, pollKey = POLL_KEY, lcuKey = KEY, row }: Wrong = {}): LedgerRow {
  const asked = signMessage(POLL, { ...pollFields(chain), ...poll }, pollKey);
  const first = row?.first ?? from;
  return {
    key: ledgerKey({ slot: slotOf(RECEIVED_AT_MS), lcuNo: LCU_NO, ordinal: 0 }),
    lcuNo: LCU_NO,
    receivedAtMs: RECEIVED_AT_MS,
    poll: asked,
    answer: signMessage(ANSWER, { ...answerFields(chain, from, to, asked), ...answer }, lcuKey),
    epoch: chain.epoch,
    first,
    base: chain.head(first - 1),
    entries: encodeItems(chain.entries.slice(first - 1, to)),
    ...row,
  };
}

for (const [what, row, entries] of [
  ['from the start entry on', rowOf(1, 5), 5],
  ['of the middle', rowOf(3, 7), 5],
  ['whose beginning was stored before', rowOf(3, 7, { row: { first: 5 } }), 3],
  ['with nothing new', rowOf(3, 7, { row: { first: 8 } }), 0],
  ['of an empty range', rowOf(6, 5), 0],
  ['under the poll key of before', rowOf(1, 5, { pollKey: OLD_POLL_KEY }), 5],
  ['under the next key of the LCU', rowOf(1, 5, { lcuKey: NEXT_KEY }), 5],
] as const) {
  test(`proves a row ${what}, and gives the chain at each of its entries`, (t) => {
    const verdict = prover.prove(row);
    if (!verdict.ok) return t.fail(verdict.what);
    t.is(verdict.value.items.length, entries);
    t.deepEqual(verdict.value.heads, chain.heads.slice(row.first - 1, row.first + entries));
    t.deepEqual(verdict.value.pollHash, sha256(row.poll));
    t.notThrows(() => proveRow(row, prover));
  });
}

const foreign = new TestChain('malaga-0042', 2).grow(9);
const zeros = new Uint8Array(32);
const others = signMessage(POLL, { ...pollFields(chain), pollId: 2 }, POLL_KEY);

const REFUSED: readonly (readonly [what: string, row: LedgerRow, said: RegExp])[] = [
  ['of an LCU that the fleet does not know', rowOf(1, 5, { row: { lcuNo: 99 } }), /^the fleet has no LCU of number 99$/],
  ['whose poll is no signature', rowOf(1, 5, { row: { poll: Uint8Array.of(1) } }), /^poll: cose-malformed$/],
  ['whose poll the collector never signed', rowOf(1, 5, { pollKey: testSigner(9) }), /^poll: header-unexpected$/],
  ['whose poll an LCU signed', rowOf(1, 5, { pollKey: KEY }), /^poll: header-unexpected$/],
  ['whose poll is of no known version', rowOf(1, 5, { poll: { version: 9 } }), /^poll: version-unknown$/],
  ['whose poll breaks a bound', rowOf(1, 5, { poll: { deadlineMs: -1 } }), /^poll: message-invalid$/],
  ['whose poll stands in place of the answer', rowOf(1, 5, { row: { answer: others } }), /^answer: header-unexpected$/],
  ['whose answer is no signature', rowOf(1, 5, { row: { answer: new Uint8Array() } }), /^answer: cose-malformed$/],
  ['whose answer another LCU signed', rowOf(1, 5, { lcuKey: OTHERS_KEY }), /^answer: header-unexpected$/],
  ['whose answer the collector signed', rowOf(1, 5, { lcuKey: POLL_KEY }), /^answer: header-unexpected$/],
  ['whose answer breaks a bound', rowOf(1, 5, { answer: { to: 2 ** 48 + 1 } }), /^answer: message-invalid$/],
  ['with another poll than the answer is to', rowOf(1, 5, { row: { poll: others } }), /^the answer is to another poll$/],
  [
    'put under the number of another LCU',
    rowOf(1, 5, { row: { lcuNo: LCU_NO + 1 }, lcuKey: OTHERS_KEY }),
    /^it is of LCU malaga-0042, polled as malaga-0042$/,
  ],
  ['whose answer is of another name', rowOf(1, 5, { answer: { lcuId: 'malaga-0043' } }), /^it is of LCU malaga-0043, polled as/],
  ['whose poll is for another name', rowOf(1, 5, { poll: { lcuId: 'malaga-0043' } }), /^it is of LCU .*, polled as malaga-0043$/],
  ['with the nonce of another poll', rowOf(1, 5, { answer: { nonce: new Uint8Array(16).fill(1) } }), /^nonce or number is/],
  ['with the number of another poll', rowOf(1, 5, { answer: { pollId: 2 } }), /^nonce or number is that of another poll$/],
  ['under another epoch', rowOf(1, 5, { row: { epoch: foreign.epoch } }), /^epoch 0202020202020202 is not that of the answer$/],
  [
    'with another time of receipt than its key',
    rowOf(1, 5, { row: { receivedAtMs: RECEIVED_AT_MS - 300_000 } }),
    /^the key is not of the time of receipt$/,
  ],
  [
    'whose entries are cut short',
    rowOf(1, 5, { row: { entries: rowOf(1, 5).entries.subarray(0, -1) } }),
    /^the entries cannot be/,
  ],
  ['whose entries are none', rowOf(1, 5, { row: { entries: Uint8Array.of(0xa0) } }), /^the entries cannot be read$/],
  ['without its last entry', rowOf(1, 5, { row: { entries: encodeItems(chain.entries.slice(0, 4)) } }), /^entries are missing$/],
  ['with an entry too many', rowOf(1, 5, { row: { entries: encodeItems(chain.entries.slice(0, 6)) } }), /^entries are missing$/],
  [
    'that begins before what the answer signs',
    rowOf(3, 5, { row: { first: 2, base: chain.head(1), entries: encodeItems(chain.entries.slice(1, 5)) } }),
    /^entries are missing$/,
  ],
  ['with another base than the signed one', rowOf(3, 5, { row: { base: chain.head(1) } }), /^the base is not the signed one$/],
  [
    'whose signed beginning is not that of the epoch',
    rowOf(1, 5, { answer: { prev: foreign.seed }, row: { base: foreign.seed } }),
    /^the base is not h\(0\)$/,
  ],
  ['with a base of its own in the middle', rowOf(3, 7, { row: { first: 5, base: zeros } }), /^the entries do not hash to/],
  [
    'with an entry that was altered',
    rowOf(1, 5, { row: { entries: encodeItems(chain.forkAt(4).entries.slice(0, 5)) } }),
    /^the entries do not hash to the signed head$/,
  ],
  [
    'with two entries exchanged',
    rowOf(3, 4, { row: { entries: encodeItems(chain.entries.slice(2, 4).toReversed()) } }),
    /^the entries do not hash to the signed head$/,
  ],
  [
    'of an empty range with another head',
    rowOf(6, 5, { answer: { head: zeros } }),
    /^the entries do not hash to the signed head$/,
  ],
];

for (const [what, row, said] of REFUSED) {
  test(`6.1: refuses a row ${what}`, (t) => {
    const verdict = prover.prove(row);
    t.regex(verdict.ok ? 'proven' : verdict.what, said);
    const error = t.throws(() => proveRow(row, prover), { instanceOf: FarolaError });
    t.is(error.code, 'ledger-corrupt');
    const receivedAt = new Date(row.receivedAtMs).toISOString();
    const why = verdict.ok ? '' : verdict.what;
    t.like(error.facts, {
      path: `ledger/${receivedAt.slice(0, 7)}.db`,
      reason: `row ${row.key}, received ${receivedAt}: ${why}`,
    });
  });
}

for (const field of ['poll', 'answer', 'epoch', 'base', 'entries'] as const) {
  test(`6.1: no bit of a row's ${field} can be flipped`, (t) => {
    const row = rowOf(1, 5);
    for (let at = 0; at < row[field].length; at++) {
      const bytes = row[field].slice();
      bytes[at]! ^= 1 << (at % 8);
      t.false(prover.prove({ ...row, [field]: bytes }).ok, `byte ${at}`);
    }
  });
}
