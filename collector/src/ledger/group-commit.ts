import { codeOf, FarolaError, type Refusal, type Timer, type Timers } from '@farola/shared';
import type { Ledger, NewAnswer } from './ledger.js';

/** Answers that one transaction takes; beyond, nothing is gained (DESIGN section 3.8). */
export const GROUP_LIMIT = 100;
/** Longest that an answer waits for company, ms. */
export const GROUP_DELAY_MS = 50;

/** An answer that the ledger holds durably. */
export interface CommittedAnswer<Answer extends NewAnswer> {
  readonly answer: Answer;
  readonly key: number;
}

/** What a group commit needs. */
export interface GroupCommitDeps<Answer extends NewAnswer> {
  readonly ledger: Pick<Ledger, 'append'>;
  readonly timers: Timers;
  /** Asked right before each commit what judges its answers; those that are refused are not stored. Undefined: all are. */
  readonly judge?: () => ((answer: Answer) => Refusal | undefined) | undefined;
  /** Called right before each commit; where it throws, that fails. */
  readonly onStoring?: (batch: readonly Answer[]) => void;
  /** Called right after each commit, before anyone who waits is told. */
  readonly onCommitted?: (batch: readonly CommittedAnswer<Answer>[]) => void;
  /** Told what `onCommitted` threw: the answers are stored nevertheless. */
  readonly onFailedHook: (error: unknown) => void;
}

interface Waiting<Answer extends NewAnswer> {
  readonly answer: Answer;
  readonly resolve: (key: number) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers answers and stores up to 100 of them, or those of 50 ms, in one transaction. Where a batch fails it is halved,
 * so that an answer that cannot be stored does not take its neighbours with it.
 */
export class GroupCommit<Answer extends NewAnswer = NewAnswer> {
  readonly #deps: GroupCommitDeps<Answer>;
  #waiting: Waiting<Answer>[] = [];
  #timer: Timer | undefined;
  #closed = false;

  constructor(deps: GroupCommitDeps<Answer>) {
    this.#deps = deps;
  }

  /** Resolves with the ledger key once the answer is durable; rejects with what the ledger threw for it, or the code that refused it. */
  submit(answer: Answer): Promise<number> {
    if (this.#closed) return Promise.reject(new TypeError('the group commit is closed'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ answer, resolve, reject });
      if (this.#waiting.length >= GROUP_LIMIT) this.flush();
      else this.#timer ??= this.#deps.timers.after(GROUP_DELAY_MS, () => this.flush());
    });
  }

  /** Stores now what waits. */
  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const batch = this.#waiting;
    this.#waiting = [];
    const admitted = batch.length > 0 ? this.#admitted(batch) : batch;
    if (admitted.length > 0) this.#store(admitted);
  }

  /** Stores what waits and takes no more. */
  close(): void {
    this.flush();
    this.#closed = true;
  }

  #admitted(batch: readonly Waiting<Answer>[]): readonly Waiting<Answer>[] {
    const judge = this.#deps.judge?.();
    if (!judge) return batch;
    return batch.filter(({ answer, reject }) => {
      const refusal = judge(answer);
      if (refusal) reject(new FarolaError(refusal.code, refusal.facts));
      return !refusal;
    });
  }

  #store(batch: readonly Waiting<Answer>[]): void {
    let keys: readonly number[];
    const answers = batch.map(({ answer }) => answer);
    try {
      this.#deps.onStoring?.(answers);
    } catch (error) {
      for (const { reject } of batch) reject(error);
      return;
    }
    try {
      keys = this.#deps.ledger.append(answers);
    } catch (error) {
      this.#failed(batch, error);
      return;
    }
    this.#committed(answers.map((answer, i) => ({ answer, key: keys[i] as number })));
    for (const [i, { resolve }] of batch.entries()) resolve(keys[i] as number);
  }

  #failed(batch: readonly Waiting<Answer>[], error: unknown): void {
    if (batch.length > 1 && !concernsAll(error)) {
      const half = Math.ceil(batch.length / 2);
      this.#store(batch.slice(0, half));
      this.#store(batch.slice(half));
      return;
    }
    for (const { reject } of batch) reject(error);
  }

  #committed(batch: readonly CommittedAnswer<Answer>[]): void {
    try {
      this.#deps.onCommitted?.(batch);
    } catch (error) {
      this.#deps.onFailedHook(error);
    }
  }
}

/** A failing disk fails every answer alike. */
function concernsAll(error: unknown): boolean {
  return codeOf(error) === 'disk-failure';
}
