import type { ByteTransport, TransportEvents } from './byte-transport.js';
import { cutAdus, encodeAdu } from './mbap.js';

/** How a line of Modbus TCP behaves. */
export interface MbapOptions {
  /** Whether answers may carry transaction 0 whatever the question carried, as some gateways do. */
  readonly zeroTransactions: boolean;
}

const TRANSACTIONS = 0x10000;
/** What became of an answer that may be the one that is waited for. */
const NO_TRANSACTION = 'its answers carry transaction 0, which is taken with `zeroTransactions` alone';

/**
 * Modbus TCP over a connection, seen as a line that carries RTU frames: a header with a transaction id in place of the
 * CRC. An answer with the id of another question is dropped, and an id whose answer may still come is given to no other question of the
 * connection, so that no answer is ever taken for that of another, however late it is. Where transaction 0
 * must be taken, nothing tells late answers apart, and the line is driven like one of RTU behind a gateway.
 * @param inner may lend its bytes: what is kept of them is copied
 */
export function mbapTransport(inner: ByteTransport, { zeroTransactions }: MbapOptions): ByteTransport {
  let transaction = 0;
  let isWaiting = false;
  /** Those of this connection that nothing answered; the wire opens another one before they are many. */
  const unanswered = new Set<number>();

  /** From 1, so that 0 stays free to tell a gateway that does not keep transactions. */
  function next(): number {
    let free = transaction;
    do free = (free % (TRANSACTIONS - 1)) + 1;
    while (unanswered.has(free));
    return free;
  }

  /** Takes bytes; returns those of a message that has not come whole. */
  function take(bytes: Uint8Array, events: TransportEvents): Uint8Array {
    const cut = cutAdus(bytes);
    for (const { transaction: named, rtuFrame } of cut.adus) {
      unanswered.delete(named);
      const fits = named === transaction || (zeroTransactions && named === 0);
      if (isWaiting && fits) {
        isWaiting = false;
        events.onBytes(rtuFrame);
      } else {
        events.onLate(isWaiting && named === 0 ? NO_TRANSACTION : undefined);
      }
    }
    if (cut.broken === undefined) return cut.rest;
    void inner.close();
    events.onLost(cut.broken);
    return new Uint8Array();
  }

  return {
    address: inner.address,
    holdsBack: zeroTransactions,
    tellsApart: !zeroTransactions,
    open: (events) => {
      let rest: Uint8Array = new Uint8Array();
      isWaiting = false;
      unanswered.clear();
      const onBytes = (bytes: Uint8Array): void => {
        const left = take(rest.length === 0 ? bytes : Buffer.concat([rest, bytes]), events);
        rest = left.length === 0 ? left : Uint8Array.from(left);
      };
      return inner.open({ ...events, onBytes });
    },
    write: (rtuFrame) => {
      transaction = next();
      if (!zeroTransactions) unanswered.add(transaction);
      isWaiting = true;
      inner.write(encodeAdu({ transaction, rtuFrame }));
    },
    close: () => inner.close(),
  };
}
