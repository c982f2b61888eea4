import {
  ANSWER,
  type Answer,
  cutSigned,
  decodeEntry,
  ENTRY_KINDS,
  isoTime,
  parseMessage,
  peekEntry,
  sameBytes,
  sha256,
  toHex,
} from '@farola/shared';
import { branchName, epochOf } from '../branch-id.js';
import { ledgerKey, ORDINAL_LIMIT, slotOf } from '../ledger/ledger-key.js';
import type { EntryOwners, Judgement, JudgementReader, LedgerRow, LedgerRows, ToldHead } from '../ledger/ledger.js';
import { type ProvenRow, proveRow, type RowProver } from './prove-row.js';
import { isUnreadable } from './walk-rows.js';

/** What a proof of a span is made of. */
export interface ProofRows {
  /** Rows of the span, of the start entries of its epochs, and of what contradicts them; in any order. */
  readonly rows: readonly LedgerRow[];
  /** How many came in the span. */
  readonly answers: number;
  /** Epochs of which rows contradict each other, in hexadecimal. */
  readonly forked: readonly string[];
  /** Places of the ledger that were not looked at for what contradicts the span, and why not, in words. */
  readonly unseen: readonly string[];
}

/** Where they are read. */
export type ProofSource = Pick<LedgerRows, 'rows'> & Pick<EntryOwners, 'rowOf'> & Pick<JudgementReader, 'judgements'>;

/**
 * Gathers what a proof of a span of receipt holds, each row proven. Of an LCU that was found to contradict itself all that it
 * ever signed is looked through for what speaks against the epochs of the span, whenever it came: who is shown one branch is
 * shown the other. A place outside the span that cannot be read or proven is left out and told. Empty when nothing came. Error:
 * `ledger-corrupt` for a row of the span, or that of a start.
 */
export function proofRows(
  ledger: ProofSource,
  lcuNo: number,
  span: { readonly fromMs: number; readonly toMs: number },
  prover: RowProver,
): ProofRows {
  const asked = [...ledger.rows(lcuNo, span.fromMs, span.toMs)];
  const chains = new Map(asked.map(({ epoch }) => [branchName(epoch), epoch]));
  const starts = [...chains.values()].flatMap((id) => ledger.rowOf(lcuNo, id, 1) ?? []);
  const rows = [...asked, ...starts];
  for (const row of rows) proveRow(row, prover);
  const unseen: string[] = [];
  const judged = asked.length === 0 ? [] : [...readable(judgementsOf(ledger, lcuNo), 'judgements', unseen)];
  const forks = judged.filter(({ code }) => code === 'chain-fork');
  if (forks.length === 0 && unseen.length === 0) return { rows, answers: asked.length, forked: [], unseen };
  const epochs = new Set(asked.flatMap((row) => toldBy(row, prover)?.map(({ epoch }) => toHex(epoch)) ?? []));
  const found = new Contradictions(epochs);
  for (const row of readable(ledger.rows(lcuNo, 0, Number.MAX_SAFE_INTEGER), 'rows', unseen)) {
    const told = toldBy(row, prover);
    if (told) found.take(row, told);
    else unseen.push(`row ${row.key}, received ${isoTime(row.receivedAtMs)}: its bytes do not agree`);
  }
  for (const row of forks.flatMap(keptRow)) {
    const told = found.has(row) ? undefined : toldBy(row, prover);
    if (told) found.take(row, told, 'refused');
  }
  return { rows: [...rows, ...found.rows], answers: asked.length, forked: [...found.forked], unseen };
}

function* judgementsOf(ledger: Pick<JudgementReader, 'judgements'>, lcuNo: number): Generator<Judgement> {
  yield* ledger.judgements(lcuNo);
}

/** What can be read up to the first damage, which is told. */
function* readable<Of>(from: Iterable<Of>, what: string, unseen: string[]): Generator<Of> {
  try {
    yield* from;
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    unseen.push(`${what} behind a place that cannot be read: ${error.message}`);
  }
}

interface Known {
  readonly head: Uint8Array;
  readonly row: LedgerRow;
}

/** Rows that tell of one entry different heads: one pair for each two chains, and each answer that was refused. */
class Contradictions {
  readonly rows: LedgerRow[] = [];
  readonly forked = new Set<string>();
  readonly #epochs: ReadonlySet<string>;
  readonly #heads = new Map<string, Known>();
  readonly #pairs = new Set<string>();
  /** SHA-256 of the answers that were taken. */
  readonly #answers = new Set<string>();

  constructor(epochs: ReadonlySet<string>) {
    this.#epochs = epochs;
  }

  has({ answer }: LedgerRow): boolean {
    return this.#answers.has(toHex(sha256(answer)));
  }

  take(row: LedgerRow, told: readonly ToldHead[], stored: 'stored' | 'refused' = 'stored'): void {
    const answer = toHex(sha256(row.answer));
    this.#answers.add(answer);
    const chain = stored === 'refused' ? answer : branchName(row.epoch);
    for (const { epoch, n, head } of told) {
      const name = toHex(epoch);
      if (!this.#epochs.has(name)) continue;
      const known = this.#heads.get(`${name} ${n}`);
      if (!known) this.#heads.set(`${name} ${n}`, { head, row });
      else if (!sameBytes(known.head, head))
        this.#differ(`${name} ${branchName(known.row.epoch)} ${chain}`, name, known.row, row);
    }
  }

  #differ(pair: string, epoch: string, one: LedgerRow, other: LedgerRow): void {
    this.forked.add(epoch);
    if (this.#pairs.has(pair)) return;
    this.#pairs.add(pair);
    this.rows.push(one, other);
  }
}

/**
 * Heads that a row tells: of its entries, and as gap records and its start entry name them. By epochs, not by chains. Undefined of
 * one that does not prove itself.
 */
function toldBy(row: LedgerRow, prover: RowProver): ToldHead[] | undefined {
  const verdict = prover.prove(row);
  if (!verdict.ok) return undefined;
  const { answer, heads } = verdict.value;
  const epoch = epochOf(row.epoch);
  const { from, prev, gaps } = answer;
  return [
    { epoch, n: from - 1, head: prev },
    ...heads.map((head, i) => ({ epoch, n: row.first - 1 + i, head })),
    ...gaps.flatMap(([of, first, last, before, head]) => [
      { epoch: of, n: first - 1, head: before },
      { epoch: of, n: last, head },
    ]),
    ...previousOf(row, verdict.value),
  ];
}

function previousOf({ first }: LedgerRow, { items }: ProvenRow): ToldHead[] {
  const [bytes] = first === 1 ? items : [];
  const entry = bytes && peekEntry(bytes).kind === ENTRY_KINDS.start ? decodeEntry(bytes) : undefined;
  return entry?.kind === 'start' && entry.previous ? [entry.previous] : [];
}

/** An answer that proves a fork, as it is kept with the judgement: one that was refused is in no row. */
function keptRow({ lcuNo, judgedAtMs, kept }: Judgement): LedgerRow[] {
  const answer = kept && openAnswer(kept.answer);
  if (!kept || !answer) return [];
  const key = ledgerKey({ slot: slotOf(judgedAtMs), lcuNo, ordinal: ORDINAL_LIMIT - 1 });
  const { epoch, from, prev } = answer;
  return [{ key, lcuNo, receivedAtMs: judgedAtMs, ...kept, epoch, first: from, base: prev }];
}

function openAnswer(signed: Uint8Array): Answer | undefined {
  const cut = cutSigned(signed);
  const parsed = cut.ok ? parseMessage(ANSWER, cut.value.payload) : undefined;
  return parsed?.ok ? parsed.value : undefined;
}
