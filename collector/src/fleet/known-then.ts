import { type Answer, sameBytes, toHex } from '@farola/shared';
import { epochOf } from '../branch-id.js';
import type { LedgerReader, LedgerRow, OwnedRange } from '../ledger/ledger.js';
import type { Placed } from './counting.js';
import { decisionsOf, type NotedDecision } from './decide.js';
import { deriveFromAnswer, type StoredAnswer } from './derive-change.js';
import { epochStart } from './epoch-table.js';
import type { EpochStart } from './derived-state.js';
import { answerOf, storedRow } from './stored-row.js';

/** The begin of an epoch and the row that brought it; undefined when there is none. */
type BegunIn = { readonly row: Placed; readonly start: EpochStart | undefined } | undefined;

/**
 * What was known of LCUs and epochs when a row was received, as the ledger tells it. Each is asked once: nobody writes the
 * ledger meanwhile. Errors: those of the port.
 */
export class KnownThen {
  readonly #ledger: LedgerReader;
  readonly #decisions = new Map<number, readonly NotedDecision[]>();
  readonly #begun = new Map<string, BegunIn>();

  constructor(ledger: LedgerReader) {
    this.#ledger = ledger;
  }

  ownedBy({ key }: LedgerRow): readonly OwnedRange[] {
    return this.#ledger.ownedBy(key);
  }

  /** Every decision about an LCU, in the order of the ledger. */
  decisions(lcuNo: number): readonly NotedDecision[] {
    let decisions = this.#decisions.get(lcuNo);
    if (!decisions) this.#decisions.set(lcuNo, (decisions = decisionsOf(this.#ledger, lcuNo)));
    return decisions;
  }

  /**
   * The begin of the row's epoch: from its start entry, or of the present epoch, which an answer lists last, from the
   * connection, whose boot the answer names.
   */
  start({ lcuNo, epoch, key }: LedgerRow, { boot, openEpochs }: Answer): StoredAnswer['start'] {
    const begun = this.#begunIn(lcuNo, epoch);
    if (begun && begun.row.key <= key) return begun.start;
    const present = openEpochs.at(-1)?.[0];
    return present && sameBytes(present, epochOf(epoch)) ? { boot, atMs: undefined } : undefined;
  }

  /** The row that brought the start entry of an epoch, whenever it came. */
  startRow({ lcuNo, epoch }: LedgerRow): Placed | undefined {
    return this.#begunIn(lcuNo, epoch)?.row;
  }

  #begunIn(lcuNo: number, epoch: Uint8Array): BegunIn {
    const name = `${lcuNo}/${toHex(epochOf(epoch))}`;
    if (this.#begun.has(name)) return this.#begun.get(name);
    const row = this.#ledger.rowOf(lcuNo, epochOf(epoch), 1);
    const begun = row && { row: { key: row.key, receivedAtMs: row.receivedAtMs, epoch: row.epoch, n: 1 }, start: startIn(row) };
    this.#begun.set(name, begun);
    return begun;
  }
}

function startIn(row: LedgerRow): EpochStart | undefined {
  const stored = { ...storedRow(row, [{ epoch: row.epoch, from: 1, to: 1 }]), answer: answerOf(row) };
  const [fact] = deriveFromAnswer({ ...stored, start: undefined, standing: { counts: true, fromEpochAfterMs: null } }).tables;
  return fact && epochStart(fact);
}
