import {
  ANSWER,
  type Answer,
  chainHeads,
  chainSeed,
  cutItems,
  FarolaError,
  MalformedCbor,
  POLL,
  type Poll,
  sameBytes,
  sha256,
  type Verify,
} from '@farola/shared';
import { branchName, epochOf } from '../branch-id.js';
import { ledgerKeyParts, monthOf, slotOf } from '../ledger/ledger-key.js';
import type { LedgerRow } from '../ledger/ledger.js';
import { SignedBy } from './signed-by.js';

/** An LCU as the fleet knows it: its name, and every key that it ever had. */
export interface LcuIdentity {
  readonly lcuNo: number;
  readonly lcuId: string;
  readonly publicKeys: readonly Uint8Array[];
}

/** Whose signatures rows must carry. */
export interface RowKeys {
  /** Every poll key that the collector ever had. */
  readonly pollKeys: readonly Uint8Array[];
  readonly lcus: readonly LcuIdentity[];
  readonly verify: Verify;
}

/** A row whose bytes agree. */
export interface ProvenRow {
  readonly poll: Poll;
  /** SHA-256 of the signed poll. */
  readonly pollHash: Uint8Array;
  readonly answer: Answer;
  /** The entries that the row keeps. */
  readonly items: readonly Uint8Array[];
  /** h(first - 1) to h(to), one more than there are entries. */
  readonly heads: readonly Uint8Array[];
}

/** Whether a row agrees with itself, and if not, what of it does not. */
export type RowVerdict = { readonly ok: true; readonly value: ProvenRow } | { readonly ok: false; readonly what: string };

interface Opener {
  readonly lcuId: string;
  readonly answers: SignedBy<(typeof ANSWER)['schema']>;
}

/**
 * Proves rows of the ledger, each by itself: both signatures under the history of keys, that the answer is that of this LCU
 * to this poll, and that the entries hash from the base to the signed head.
 */
export class RowProver {
  readonly #polls: SignedBy<(typeof POLL)['schema']>;
  readonly #lcus: ReadonlyMap<number, Opener>;

  constructor({ pollKeys, lcus, verify }: RowKeys) {
    this.#polls = new SignedBy(POLL, pollKeys, verify);
    const openers = lcus.map(({ lcuNo, lcuId, publicKeys }): [number, Opener] => {
      return [lcuNo, { lcuId, answers: new SignedBy(ANSWER, publicKeys, verify) }];
    });
    this.#lcus = new Map(openers);
  }

  /** The name of an LCU; undefined for a number that the fleet does not know. */
  nameOf(lcuNo: number): string | undefined {
    return this.#lcus.get(lcuNo)?.lcuId;
  }

  prove(row: LedgerRow): RowVerdict {
    const lcu = this.#lcus.get(row.lcuNo);
    if (!lcu) return disagrees(`the fleet has no LCU of number ${row.lcuNo}`);
    const poll = this.#polls.open(row.poll);
    if (!poll.ok) return disagrees(`poll: ${poll.code}`);
    const answer = lcu.answers.open(row.answer);
    if (!answer.ok) return disagrees(`answer: ${answer.code}`);
    const pollHash = sha256(row.poll);
    const unbound = bindingFault(row, lcu.lcuId, poll.value, answer.value, pollHash);
    if (unbound !== undefined) return disagrees(unbound);
    const items = itemsOf(row);
    if (!items) return disagrees('the entries cannot be read');
    const { from, to, prev, head } = answer.value;
    if (row.first < from || row.first + items.length - 1 !== to) return disagrees('entries are missing');
    if (row.first === from && !sameBytes(row.base, prev)) return disagrees('the base is not the signed one');
    if (row.first === 1 && !sameBytes(row.base, chainSeed(lcu.lcuId, epochOf(row.epoch))))
      return disagrees('the base is not h(0)');
    const heads = chainHeads(row.base, items);
    if (!sameBytes(heads.at(-1) ?? row.base, head)) return disagrees('the entries do not hash to the signed head');
    return { ok: true, value: { poll: poll.value, pollHash, answer: answer.value, items, heads } };
  }
}

/** Proves one row of the ledger by itself. Throws `ledger-corrupt`, with the file of the row and what does not agree. */
export function proveRow(row: LedgerRow, prover: RowProver): void {
  const verdict = prover.prove(row);
  if (verdict.ok) return;
  const { key, receivedAtMs } = row;
  const reason = `row ${key}, received ${new Date(receivedAtMs).toISOString()}: ${verdict.what}`;
  throw new FarolaError('ledger-corrupt', { path: `ledger/${monthOf(receivedAtMs)}.db`, reason });
}

function bindingFault(row: LedgerRow, lcuId: string, poll: Poll, answer: Answer, pollHash: Uint8Array): string | undefined {
  if (!sameBytes(answer.pollHash, pollHash)) return 'the answer is to another poll';
  if (answer.lcuId !== lcuId || poll.lcuId !== lcuId) return `it is of LCU ${answer.lcuId}, polled as ${poll.lcuId}`;
  if (!sameBytes(answer.nonce, poll.nonce) || answer.pollId !== poll.pollId) return 'nonce or number is that of another poll';
  if (!sameBytes(answer.epoch, epochOf(row.epoch))) return `epoch ${branchName(row.epoch)} is not that of the answer`;
  if (ledgerKeyParts(row.key).slot !== slotOf(row.receivedAtMs)) return 'the key is not of the time of receipt';
  return undefined;
}

function itemsOf({ entries }: LedgerRow): readonly Uint8Array[] | undefined {
  try {
    return cutItems(entries).items;
  } catch (error) {
    if (error instanceof MalformedCbor) return undefined;
    throw error;
  }
}

function disagrees(what: string): RowVerdict {
  return { ok: false, what };
}
