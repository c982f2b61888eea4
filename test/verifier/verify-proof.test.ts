import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildProof, type ProofParts } from '@farola/collector/proof/build-proof.js';
import type { LedgerRow } from '@farola/collector/ledger/ledger.js';
import {
  chainNext,
  chainSeed,
  codeOf,
  cutOutOf,
  decodeEntry,
  encodeCbor,
  encodeEntry,
  PROOF,
  parseMessage,
  type Signer,
  signMessage,
  toHex,
} from '@farola/shared';
import test from 'ava';
import {
  ENTRIES,
  EPOCH,
  headAt,
  honestParts,
  LCU,
  LCU_ID,
  ledgerRow,
  OTHER_LCU,
  POLL_KEY,
  ROOT,
  signKeys,
  signPoll,
  signRequest,
  START_MS,
} from './proof-of-lcu.js';
import { FOLDER, proofFile, python, verdict } from './run-verifier.js';

test('the verifier is under 200 lines, and shares no code', (t) => {
  const source = readFileSync(join(FOLDER, 'verify-proof.py'), 'utf8');
  t.true(source.split('\n').length - 1 < 200);
  t.notRegex(source, /subprocess|import farola/);
});

test('an honest proof is accepted, and what it holds is shown', async (t) => {
  const { code, output } = await verdict(t, buildProof(honestParts(), POLL_KEY), '--root', toHex(ROOT.publicKey));
  t.is(code, 0, output);
  t.regex(output, /^LCU malaga-0042, collector costa-1\n/);
  t.regex(output, new RegExp(`\nkey ${toHex(LCU.publicKey)} in force from 2026-11-22T17:00:00Z\n`));
  t.regex(output, /as given/);
  t.regex(output, /asked 2026-11-22T18:00:00Z to 2026-11-22T19:00:00Z, received 2026-11-22T18:05:00Z to 2026-11-22T18:20:00Z/);
  t.regex(output, /rows 4, entries 6, epochs 1\nepoch 0e0e0e0e0e0e0e0e by key [0-9a-f]{16}: entries 1-6\n/);
});

test('a proof without the start entry and with a hole is accepted, and both are shown', async (t) => {
  const parts = { ...honestParts(), rows: [ledgerRow(1, { from: 2, to: 3 }), ledgerRow(2, { from: 5, to: 6 })] };
  const { code, output } = await verdict(t, buildProof(parts, POLL_KEY));
  t.is(code, 0, output);
  t.regex(output, /entries 2-3, 5-6, no start entry/);
  t.regex(output, /NOT compared/);
});

test('rows are put in order of receipt, and one that comes twice is taken once', (t) => {
  const [one, two] = [ledgerRow(1), ledgerRow(2, { from: 4, to: 6 })];
  const bytes = buildProof({ ...honestParts(), rows: [two, one, two] }, POLL_KEY);
  const parsed = parseMessage(PROOF, cutOutOf(bytes).payload);
  t.deepEqual(parsed.ok && parsed.value.rows.map((row) => row[3]), [1, 4]);
});

test('a span in which nothing came has no proof', (t) => {
  const error = t.throws(() => buildProof({ ...honestParts(), rows: [] }, POLL_KEY));
  t.is(codeOf(error), 'proof-empty');
  t.regex(error.message, /malaga-0042 .* 2026-11-22T18:00:00Z/);
});

test('security: two answers that disagree about an entry are both proven, and shown as a fork that nobody can rely on', async (t) => {
  const answer = { from: 3, to: 3, prev: headAt(4), head: headAt(5) };
  const other = ledgerRow(2, { answer, from: 3, to: 3, base: headAt(4), entries: [ENTRIES[4]!] });
  const bytes = buildProof({ ...honestParts(), rows: [ledgerRow(1), other, ledgerRow(3, { from: 4, to: 5 })] }, POLL_KEY);
  const { code, output } = await verdict(t, bytes);
  t.is(code, 2);
  const lines = output.trim().split('\n');
  t.is(lines.at(-2), `epoch 0e0e0e0e0e0e0e0e by key ${toHex(LCU.publicKey).slice(0, 16)}: entries 1-5`);
  t.is(lines.at(-1), 'forked: row 2 disagrees with row 1 about 0e0e0e0e0e0e0e0e, entry 2');
});

const OTHER = new Uint8Array(32).fill(9);

for (const [what, row, at] of [
  [
    'a gap that ends at another hash',
    ledgerRow(2, { from: 4, to: 3, answer: { gaps: [[EPOCH, 2, 3, headAt(1), OTHER, 1]] } }),
    3,
  ],
  ['a gap that begins at another hash', ledgerRow(2, { from: 4, to: 3, answer: { gaps: [[EPOCH, 3, 9, OTHER, OTHER, 1]] } }), 2],
  [
    'a gap that does not begin where the epoch does',
    ledgerRow(2, { from: 4, to: 3, answer: { gaps: [[EPOCH, 1, 9, OTHER, OTHER, 1]] } }),
    0,
  ],
  ['a start that names another end', startRow(2, 3, OTHER), 3],
] as const) {
  test(`security: a fork that is shown only by ${what} is shown`, async (t) => {
    const { code, output } = await verdict(t, buildProof({ ...honestParts(), rows: [ledgerRow(1), row] }, POLL_KEY));
    t.is(code, 2, output);
    const other = at === 0 ? 0 : 1;
    t.is(output.trim().split('\n').at(-1), `forked: row 2 disagrees with row ${other} about 0e0e0e0e0e0e0e0e, entry ${at}`);
  });
}

test('security: a start that names an end, and entries behind it, are shown in any order', async (t) => {
  for (const rows of [
    [ledgerRow(1), startRow(2, 2, headAt(2))],
    [startRow(1, 2, headAt(2)), ledgerRow(2)],
  ]) {
    const { code, output } = await verdict(t, buildProof({ ...honestParts(), rows }, POLL_KEY));
    t.is(code, 0, output);
    t.regex(output, /\nremark: row [12] goes on after entry 2 of 0e0e0e0e0e0e0e0e, of which there is more\n$/);
  }
});

test('security: an entry 1 that is no start tells nothing of an epoch before, and spoils nothing', async (t) => {
  for (const bytes of [Uint8Array.of(0xff), Uint8Array.of(0x01), encodeCbor([1, 2, 3, 4]), encodeCbor([1, 2, 3, [4, 5, 6]])]) {
    const row = laterRow(2, bytes);
    const { code, output } = await verdict(t, buildProof({ ...honestParts(), rows: [ledgerRow(1), row] }, POLL_KEY));
    t.is(code, 0, output);
  }
});

/** A row with entry 1 of another epoch. */
function laterRow(ordinal: number, entry: Uint8Array): LedgerRow {
  const epoch = new Uint8Array(8).fill(0x0f);
  const base = chainSeed(LCU_ID, epoch);
  const answer = { epoch, prev: base, head: chainNext(base, entry) };
  return { ...ledgerRow(ordinal, { from: 1, to: 1, base, entries: [entry], answer }), epoch };
}

/** One whose start entry names the epoch before, with its last number and hash. */
function startRow(ordinal: number, n: number, head: Uint8Array): LedgerRow {
  const start = decodeEntry(ENTRIES[0]!);
  if (start.kind !== 'start') throw new TypeError('entry 1 is a start');
  return laterRow(ordinal, encodeEntry({ ...start, previous: { epoch: EPOCH, n, head } }));
}

test('any one byte changed is refused', async (t) => {
  t.timeout(300_000);
  const bytes = buildProof({ ...honestParts(), rows: [ledgerRow(1), ledgerRow(2, { from: 2, to: 5, first: 4 })] }, POLL_KEY);
  const seed = process.env['FAROLA_SEED'] ?? '1';
  const { code, output } = await python('flip-every-byte.py', [seed, proofFile(t, bytes)]);
  t.is(code, 0, output);
  t.is(output.trim(), `${bytes.length} bytes changed, accepted: []`);
});

const flip = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
const [E1, E2, E3] = ENTRIES as [Uint8Array, Uint8Array, Uint8Array];
const parts = honestParts();
const [row1, row2] = [...parts.rows] as [ReturnType<typeof ledgerRow>, ReturnType<typeof ledgerRow>];
const rows = (...list: (typeof row1)[]): Partial<ProofParts> => ({ rows: list });
const [key] = parts.lcuKeys as [(typeof parts.lcuKeys)[number]];

/** What a collector that holds the poll key may try: it signs whatever it likes as a proof. */
const LIES: Readonly<Record<string, readonly [reason: string, Partial<ProofParts>]>> = {
  'a byte of an entry': [
    'entries 1 to 3 do not hash to the signed head',
    rows(ledgerRow(1, { entries: [E1, flip(E2, 30), E3] })),
  ],
  'an entry longer': [
    'entries 1 to 3 do not hash to the signed head',
    rows(ledgerRow(1, { entries: [E1, Buffer.concat([E2, Uint8Array.of(0)]), E3] })),
  ],
  'two entries swapped': ['entries 1 to 3 do not hash to the signed head', rows(ledgerRow(1, { entries: [E1, E3, E2] }))],
  'an entry left out': ['2 entries from 1 are not the end of 1 to 3', rows(ledgerRow(1, { entries: [E1, E2] }))],
  'the first entry left out, first raised': [
    'entries 2 to 3 do not hash to the signed head',
    rows(ledgerRow(1, { first: 2, entries: [E2, E3], base: headAt(0) })),
  ],
  'an entry twice': ['4 entries from 1 are not the end of 1 to 3', rows(ledgerRow(1, { entries: [E1, E2, E2, E3] }))],
  'the bytes of two entries in one': [
    '2 entries from 1 are not the end of 1 to 3',
    rows(ledgerRow(1, { entries: [Buffer.concat([E1, E2]), E3] })),
  ],
  'a byte of the answer payload': [
    'answer is not signed by a key that may sign it',
    rows({ ...row1, answer: flip(row1.answer, 120) }),
  ],
  'a byte of the answer signature': [
    'answer is not signed by a key that may sign it',
    rows({ ...row1, answer: flip(row1.answer, row1.answer.length - 40) }),
  ],
  'a byte behind the answer': [
    'answer is not deterministic CBOR',
    rows({ ...row1, answer: Buffer.concat([row1.answer, Uint8Array.of(0)]) }),
  ],
  'a byte of the poll': ['poll is not signed by a key that may sign it', rows({ ...row1, poll: flip(row1.poll, 100) })],
  'another poll, well signed': [
    'an answer belongs to another poll',
    rows(ledgerRow(1, { shownPoll: signPoll(1, { poll: { issuedAt: START_MS } }) })),
  ],
  'a poll for another LCU, asked and answered': [
    'a poll or answer names another LCU or collector',
    rows(ledgerRow(1, { poll: { lcuId: 'malaga-0043' } })),
  ],
  'a poll of another collector': [
    'a poll or answer names another LCU or collector',
    rows(ledgerRow(1, { poll: { collectorId: 'costa-2' } })),
  ],
  'a poll signed by a key that the root key never named': [
    'poll is not signed by a key that may sign it',
    rows(ledgerRow(1, { pollSigner: OTHER_LCU })),
  ],
  'the answer of another row': ['an answer belongs to another poll', rows({ ...row1, answer: row2.answer })],
  'another base': ['a row does not begin where its answer does', rows(ledgerRow(1, { base: flip(headAt(0), 0) }))],
  'another base where the beginning is not shown': [
    'entries 4 to 5 do not hash to the signed head',
    rows(ledgerRow(1, { from: 2, to: 5, first: 4, base: headAt(2) })),
  ],
  'first below the answer': ['3 entries from 1 are not the end of 2 to 3', rows(ledgerRow(1, { from: 2, to: 3, first: 1 }))],
  'first beyond the answer': ['0 entries from 5 are not the end of 1 to 3', rows(ledgerRow(1, { first: 5, entries: [] }))],
  'an answer signed by another LCU': [
    'answer is not signed by a key that may sign it',
    rows(ledgerRow(1, { signer: OTHER_LCU })),
  ],
  'an answer that names another LCU': [
    'a poll or answer names another LCU or collector',
    rows(ledgerRow(1, { answer: { lcuId: 'malaga-0043' } })),
  ],
  'an answer that is no range': [
    '0 entries from 4 are not the end of 4 to 1',
    rows(ledgerRow(1, { answer: { from: 4, to: 1 }, first: 4, entries: [] })),
  ],
  'an answer with another nonce': [
    'an answer belongs to another poll',
    rows(ledgerRow(1, { answer: { nonce: new Uint8Array(16) } })),
  ],
  'an answer with another poll id': ['an answer belongs to another poll', rows(ledgerRow(1, { answer: { pollId: 9 } }))],
  'an answer that begins the epoch elsewhere': [
    'an answer does not begin where epoch 0e0e0e0e0e0e0e0e does',
    rows(ledgerRow(1, { answer: { prev: headAt(1), head: headAt(2), to: 1 }, entries: [E2], base: headAt(1) })),
  ],
  'an LCU key without its own signature': [
    'enrol-request is not signed by a key that may sign it',
    { lcuKeys: [{ ...key, request: signRequest({}, OTHER_LCU) }] },
  ],
  'an LCU key that enrolled for another LCU': [
    'an enrol-request names another key, LCU or collector',
    { lcuKeys: [{ ...key, request: signRequest({ lcuId: 'malaga-0043' }) }] },
  ],
  'an LCU key that enrolled with another collector': [
    'an enrol-request names another key, LCU or collector',
    { lcuKeys: [{ ...key, request: signRequest({ collectorId: 'costa-2' }) }] },
  ],
  'an LCU key with a request for another key': [
    'an enrol-request names another key, LCU or collector',
    {
      lcuKeys: [{ ...key, request: signRequest({ publicKey: OTHER_LCU.publicKey }) }],
    },
  ],
  'an LCU key of small order': [
    'a public key is not canonical or of small order',
    { lcuKeys: [key, { ...key, publicKey: flip(new Uint8Array(32), 0) }] },
  ],
  'no LCU key': ['answer is not signed by a key that may sign it', { lcuKeys: [] }],
  'no keys statement': ['proof is not signed by a key that may sign it', { keys: [] }],
  'a keys statement by another root key': ['keys is not signed by a key that may sign it', { keys: [signKeys({}, OTHER_LCU)] }],
  'a keys statement that names another root key': [
    'keys are of another collector',
    { keys: [signKeys({ rootKey: OTHER_LCU.publicKey })] },
  ],
  'a keys statement of another collector': ['keys are of another collector', { keys: [signKeys({ collectorId: 'costa-2' })] }],
  'a keys statement twice': ['keys statements are not in order', { keys: [signKeys(), signKeys()] }],
  'a keys statement without this poll key': [
    'proof is not signed by a key that may sign it',
    { keys: [signKeys({ pollKeys: [OTHER_LCU.publicKey] })] },
  ],
  'another LCU in the proof': ['an enrol-request names another key, LCU or collector', { lcuId: 'malaga-0043' }],
  'another collector in the proof': ['keys are of another collector', { collectorId: 'costa-2' }],
  'another root key in the proof': ['keys is not signed by a key that may sign it', { rootKey: OTHER_LCU.publicKey }],
};

function lie(changes: Partial<ProofParts>, signer: Signer = POLL_KEY): Uint8Array {
  return buildProof({ ...parts, ...changes }, signer);
}

for (const [name, [reason, changes]] of Object.entries(LIES)) {
  test(`security: a dishonest collector is refused: ${name}`, async (t) => {
    t.deepEqual(await verdict(t, lie(changes)), { code: 1, output: `refused: ${reason}\n` });
  });
}

test('security: a dishonest collector is refused: rows not in order of receipt, or none', async (t) => {
  const parsed = parseMessage(PROOF, cutOutOf(lie({})).payload);
  if (!parsed.ok) return t.fail(parsed.code);
  for (const list of [parsed.value.rows.toReversed(), []]) {
    const bytes = signMessage(PROOF, { ...parsed.value, rows: list }, POLL_KEY);
    const output = 'refused: there is no row, or rows are not in order of receipt\n';
    t.deepEqual(await verdict(t, bytes), { code: 1, output });
  }
});

test('security: a proof signed by another key is refused', async (t) => {
  t.is((await verdict(t, lie({}, OTHER_LCU))).code, 1);
});

test('security: a proof under another root key than the reader trusts is refused', async (t) => {
  const { code, output } = await verdict(t, lie({}), '--root', toHex(OTHER_LCU.publicKey));
  t.is(code, 1);
  t.is(output, 'refused: the root key is another one\n');
});

for (const [name, bytes] of Object.entries({ 'no bytes': '', 'no CBOR': 'ff', 'another message': toHex(signKeys()) })) {
  test(`${name}: refused in one line`, async (t) => {
    const { code, output } = await verdict(t, Buffer.from(bytes, 'hex'));
    t.is(code, 1);
    t.regex(output, /^refused: [^\n]+\n$/);
  });
}

test('what the collector alone claims, it can claim otherwise: receipt within the time of the key, and the span', async (t) => {
  const later = lie({ ...rows(ledgerRow(1, { receivedAtMs: START_MS + 3_000_000 })), toMs: START_MS + 1 });
  const { code, output } = await verdict(t, later);
  t.is(code, 0, output);
});
