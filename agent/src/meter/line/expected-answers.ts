import { findAnswer } from './rtu-frame.js';
import type { ReadRequest } from './rtu-frame.js';

interface Expected {
  readonly asks: ReadRequest;
  readonly untilMs: number;
}

/** Answers that were given up and may still come. Two requests have one shape when one's answer fits the other. */
export class ExpectedAnswers {
  readonly #byShape = new Map<string, Expected>();

  /** Expects the answer to this request until a moment of the monotonic clock. */
  add(asks: ReadRequest, untilMs: number): void {
    this.#byShape.set(shapeOf(asks), { asks, untilMs });
  }

  /** Until when an answer of this shape may come; 0 when none is expected. */
  until(asks: ReadRequest, nowMs: number): number {
    this.#forget(nowMs);
    return this.#byShape.get(shapeOf(asks))?.untilMs ?? 0;
  }

  /** Strikes out the expected answers that stand among the received bytes, and says how many they were. */
  settle(received: Uint8Array, nowMs: number): number {
    this.#forget(nowMs);
    let settled = 0;
    for (const [shape, expected] of this.#byShape) {
      if (!findAnswer(received, expected.asks)) continue;
      this.#byShape.delete(shape);
      settled++;
    }
    return settled;
  }

  #forget(nowMs: number): void {
    for (const [shape, expected] of this.#byShape) {
      if (expected.untilMs <= nowMs) this.#byShape.delete(shape);
    }
  }
}

function shapeOf(asks: ReadRequest): string {
  return `${asks.unit}/${asks.functionCode}/${asks.count}`;
}
