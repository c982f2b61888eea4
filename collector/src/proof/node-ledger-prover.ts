import type { Worker } from 'node:worker_threads';
import { FarolaError } from '@farola/shared';
import { startThread } from '../start-thread.js';
import type { LedgerProver } from './ledger-prover.js';
import type { MonthSpan } from './plan-night.js';
import type { ProofCursor, ProofTask } from './proof-book.js';
import type { ProveReply, ProveRequest, ProveThreadData } from './prove-request.js';
import type { LcuIdentity } from './prove-row.js';
import type { SliceOutcome } from './proof-slice.js';

/** A slice holds some thousand rows at the most. */
const LIMITS = { oldMb: 128, youngMb: 16 };
/** How long the thread is kept when nothing is asked, ms: it is needed once a night. */
const IDLE_MS = 60_000;

/** What a prover in a thread needs. */
export interface ProverOptions extends ProveThreadData {
  /** Rises when the fleet changes. */
  readonly fleetVersion: () => number;
  /** Every LCU with its keys. */
  readonly lcus: () => readonly LcuIdentity[];
}

interface Asked {
  readonly resolve: (value: readonly MonthSpan[] | SliceOutcome) => void;
  readonly reject: (error: FarolaError) => void;
}

/** Proves in a thread of its own with low priority, which begins with the first call and ends a minute after the last. */
export function nodeLedgerProver(options: ProverOptions): LedgerProver {
  return new NodeLedgerProver(options);
}

class NodeLedgerProver implements LedgerProver {
  readonly #options: ProverOptions;
  #worker: Worker | undefined;
  #asked: Asked | undefined;
  #idle: NodeJS.Timeout | undefined;
  /** Version of the fleet that the thread knows. */
  #told: number | undefined;

  constructor(options: ProverOptions) {
    this.#options = options;
  }

  spans(): Promise<readonly MonthSpan[]> {
    return this.#ask({ do: 'spans' }) as Promise<readonly MonthSpan[]>;
  }

  slice(task: ProofTask, cursor: ProofCursor | null): Promise<SliceOutcome> {
    this.#worker ??= this.#start();
    const version = this.#options.fleetVersion();
    const lcus = version === this.#told ? null : this.#options.lcus();
    this.#told = version;
    return this.#ask({ do: 'slice', task, cursor, lcus }) as Promise<SliceOutcome>;
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    await this.#worker?.terminate();
  }

  #ask(request: ProveRequest): Promise<readonly MonthSpan[] | SliceOutcome> {
    if (this.#asked) return Promise.reject(new TypeError('one call at a time'));
    clearTimeout(this.#idle);
    return new Promise((resolve, reject) => {
      this.#asked = { resolve, reject };
      this.#worker ??= this.#start();
      this.#worker.postMessage(request);
    });
  }

  #start(): Worker {
    const { folder, pollKeys } = this.#options;
    const data: ProveThreadData = { folder, pollKeys };
    const worker = startThread(new URL('../main/prove-thread.js', import.meta.url), { data, ...LIMITS });
    let reason = 'the proving thread ended';
    worker.on('message', (reply: ProveReply) => this.#take(reply));
    worker.on('error', (error) => (reason = String(error)));
    worker.on('exit', () => {
      this.#worker = undefined;
      this.#told = undefined;
      this.#settle()?.reject(new FarolaError('internal', { reason }));
    });
    return worker;
  }

  #take(reply: ProveReply): void {
    const asked = this.#settle();
    this.#idle = setTimeout(() => void this.#worker?.terminate(), IDLE_MS).unref();
    if (reply.ok) asked?.resolve(reply.value);
    else asked?.reject(new FarolaError(reply.code, reply.facts));
  }

  #settle(): Asked | undefined {
    const asked = this.#asked;
    this.#asked = undefined;
    return asked;
  }
}
