import { answerLength, findAnswer } from './rtu-frame.js';
import type { ReadRequest } from './rtu-frame.js';

interface Owed {
  readonly asks: ReadRequest;
  readonly untilMs: number;
}

const NO_COUNTS: ReadonlySet<number> = new Set();

/**
 * Answers to questions that were given up, and that may still come. An RTU answer names unit and function and tells how
 * long it is, not which registers it carries: two questions that agree in these three cannot be told apart by their
 * answers. An answer stays owed until it was seen or the worst lateness is over, whatever else was answered meanwhile: a
 * gateway need not keep the order.
 */
export class OwedAnswers {
  readonly #owed = new Set<Owed>();

  /** Whether none is remembered, not even one whose time is over. */
  get isEmpty(): boolean {
    return this.#owed.size === 0;
  }

  /** The answer to this request may come until that moment of the monotonic clock. */
  add(asks: ReadRequest, untilMs: number): void {
    this.#owed.add({ asks, untilMs });
  }

  /** Until when the answer to this request could be taken for another one; 0 when it cannot. */
  until(asks: ReadRequest, nowMs: number): number {
    if (this.isEmpty) return 0;
    return Math.max(0, ...this.#of(asks.unit, asks.functionCode, nowMs, answerLength(asks)).map((owed) => owed.untilMs));
  }

  /** Whether there are answers whose time is over and that were not forgotten yet. */
  isAnyOver(nowMs: number): boolean {
    return [...this.#owed].some(({ untilMs }) => untilMs <= nowMs);
  }

  /** Forgets the answers whose time was over at that moment; what had arrived by then must have been handed on. */
  forget(nowMs: number): void {
    for (const owed of this.#owed) if (owed.untilMs <= nowMs) this.#owed.delete(owed);
  }

  /** The numbers of registers that no question of this unit and function should ask for now. */
  counts(unit: number, functionCode: number, nowMs: number): ReadonlySet<number> {
    if (this.isEmpty) return NO_COUNTS;
    return new Set(this.#of(unit, functionCode, nowMs).map(({ asks }) => asks.count));
  }

  /**
   * Whether any answer is owed; of the unit and function of a request, when one is given: an exception, which tells no length,
   * may answer any of these.
   */
  isAny(nowMs: number, asks?: ReadRequest): boolean {
    if (asks) return this.#of(asks.unit, asks.functionCode, nowMs).length > 0;
    return [...this.#owed].some(({ untilMs }) => untilMs > nowMs);
  }

  /** Strikes out what stands among the received bytes: what is left of them, and whose answers they were. */
  settle(received: Uint8Array): { readonly rest: Uint8Array; readonly late: readonly ReadRequest[] } {
    const late: ReadRequest[] = [];
    let rest = received;
    for (const owed of this.#owed) {
      const answer = findAnswer(rest, owed.asks);
      if (!answer || answer.exception !== undefined) continue;
      this.#owed.delete(owed);
      late.push(owed.asks);
      rest = Buffer.concat([rest.subarray(0, answer.start), rest.subarray(answer.end)]);
    }
    return { rest, late };
  }

  #of(unit: number, functionCode: number, nowMs: number, length?: number): Owed[] {
    return [...this.#owed].filter(
      ({ asks, untilMs }) =>
        untilMs > nowMs &&
        asks.unit === unit &&
        asks.functionCode === functionCode &&
        (length === undefined || answerLength(asks) === length),
    );
  }
}
