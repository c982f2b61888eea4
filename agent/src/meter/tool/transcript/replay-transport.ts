import type { Timers } from '@farola/shared';
import type { ByteTransport, TransportEvents } from '../../line/byte-transport.js';
import type { Transfer } from './transcript.js';

/** What a recording is played with. */
export interface ReplayOptions {
  readonly transfers: readonly Transfer[];
  readonly timers: Timers;
  readonly nowMs: () => number;
  /** Whether bytes lie waiting until they are collected, as those of a serial port do. */
  readonly isCollected: boolean;
  readonly holdsBack: boolean;
  /** A question that was not recorded: nothing answers it. */
  readonly onUnknown: (question: Uint8Array) => void;
}

interface Arrival {
  readonly dueMs: number;
  readonly bytes: Uint8Array;
}

/**
 * A line that answers as it did when it was recorded: to each question what came between it and the next one, as long after it. A question is found by its
 * bytes, from the last one on first.
 */
export function replayTransport({ transfers, timers, nowMs, isCollected, holdsBack, onUnknown }: ReplayOptions): ByteTransport {
  const used = new Set<number>();
  let events: TransportEvents | undefined;
  let arrivals: Arrival[] = [];
  let opening = 0;
  let last = -1;

  function find(question: Uint8Array): number {
    const fits = (index: number): boolean => {
      const one = transfers[index];
      return one?.kind === 'sent' && !used.has(index) && Buffer.compare(one.bytes, question) === 0;
    };
    const places = transfers.map((_, index) => index);
    return places.find((index) => index > last && fits(index)) ?? places.find(fits) ?? -1;
  }

  function play(place: number): void {
    const asked = transfers[place];
    const current = opening;
    for (let index = place + 1; asked && index < transfers.length; index++) {
      const one = transfers[index];
      if (!one || one.kind === 'sent') break;
      const afterMs = Math.max(0, one.atMs - asked.atMs);
      if (one.kind === 'received' && isCollected) arrivals.push({ dueMs: nowMs() + afterMs, bytes: one.bytes });
      else if (one.kind === 'received') timers.after(afterMs, () => current === opening && events?.onBytes(one.bytes));
      else if (one.kind === 'lost') timers.after(afterMs, () => current === opening && events?.onLost(one.reason));
      else break;
    }
  }

  const collect = (): void => {
    const due = arrivals.filter(({ dueMs }) => dueMs <= nowMs());
    arrivals = arrivals.filter(({ dueMs }) => dueMs > nowMs());
    for (const { bytes } of due) events?.onBytes(bytes);
  };

  return {
    address: 'recorded',
    holdsBack,
    tellsApart: false,
    open: async (to) => {
      opening++;
      arrivals = [];
      events = to;
    },
    ...(isCollected ? { collect } : {}),
    write: (question) => {
      const place = find(question);
      if (place < 0) return onUnknown(question);
      used.add(place);
      last = place;
      play(place);
    },
    close: async () => {
      opening++;
      arrivals = [];
    },
  };
}
