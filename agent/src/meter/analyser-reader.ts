import { FarolaError } from '@farola/shared';
import type { Clock, ErrorCode, SampleStatus, SampleValue } from '@farola/shared';
import { planWithin } from './plan/block-plan.js';
import { blockVariants } from './plan/block-variants.js';
import type { Block } from './plan/block.js';
import { leastRequest } from './plan/least-request.js';
import { USUAL_COST } from './plan/line-cost.js';
import { PlanBasis } from './plan/plan-basis.js';
import { PlanTerms } from './plan/plan-terms.js';
import { decodeRow } from './profile/decode-registers.js';
import type { Profile } from './profile/profile.js';
import type { ProbedReader, Reading } from './reading.js';
import { RequestTimes } from './request-times.js';
import { REFUSED, UNANSWERED } from './line/meter-failures.js';
import type { RegisterClient } from './line/register-client.js';

const STATUS_OF: Partial<Record<ErrorCode, SampleStatus>> = {
  'meter-timeout': 'timeout',
  'meter-unreachable': 'timeout',
  'meter-exception': 'exception',
  'meter-faulty': 'exception',
  'meter-busy': 'exception',
  'meter-malformed': 'malformed',
  'line-unavailable': 'line-unavailable',
  'permission-denied': 'line-unavailable',
  'port-in-use': 'line-unavailable',
  'direction-refused': 'line-unavailable',
  'meter-mismatch': 'other-meter',
};

/** Illegal data address and illegal data value: what a model answers that does not have all registers of a block. */
const REFUSES_REGISTERS: ReadonlySet<number> = new Set([2, 3]);

/** Whether an analyser answered in its last reading, and so may be asked once more what it leaves unanswered. */
export interface Contact {
  answered: boolean;
}

/** What a reader needs to know of its analyser. */
export interface ReaderOptions {
  readonly id: string;
  readonly unit: number;
  readonly profile: Profile;
  /** Places of the rows to read, in the order of the values; all when it is not told. */
  readonly rows?: readonly number[] | undefined;
  readonly client: RegisterClient;
  readonly clock: Clock;
  /** Shared by all readers of the analyser; one of its own when it is not told. */
  readonly contact?: Contact | undefined;
  /** What its requests are planned by, shared in the same way; a serial line of 9600 baud when it is not told. */
  readonly basis?: PlanBasis | undefined;
}

/**
 * Reads rows of an analyser block by block. What an analyser that answers leaves unanswered is asked once more, in another length while
 * the answer may still come. The reading ends at the first failure other than an exception, so that a dead analyser costs
 * one timeout and a lost line none; what was read until then stays. An exception costs its block only. A
 * block of which the model refuses registers is read without its holes, then in halves, until the row that it does not
 * have stands alone; that one is not asked for again in this run, and stays null. The other scan groups of the analyser are told. A model that refuses all is asked
 * for all again: it may be another one, or not be ready. Of a refusal nothing is learned where another request was made than
 * planned: it may be for the registers that only make it longer.
 */
export function analyserReader(options: ReaderOptions): ProbedReader {
  const { id, unit, profile, client, clock, contact = { answered: false } } = options;
  const { basis = new PlanBasis({ costOf: () => USUAL_COST }) } = options;
  const rows: readonly number[] = options.rows ?? [...profile.rows.keys()];
  let { memory, cost } = basis;
  let blocks = planWithin(new PlanTerms(profile, memory, rows), cost);

  /** Plans anew where another group was refused registers, or the analyser takes otherwise long: between readings alone. */
  function replan(): void {
    basis.refresh();
    if (basis.memory === memory && basis.cost === cost) return;
    ({ memory, cost } = basis);
    blocks = planWithin(new PlanTerms(profile, memory, rows), cost);
  }

  async function readBlocks(reading: UnderWay, signal?: AbortSignal): Promise<[number, FarolaError | undefined]> {
    replan();
    let failure: FarolaError | undefined;
    let answered = 0;
    let learned = memory;
    let mayAskAgain = contact.answered;
    const waiting = [...blocks];
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const owed = client.owedCounts(unit, next.functionCode);
      const variants = owed.has(next.count) ? blockVariants(next, owed, new PlanTerms(profile, learned)) : undefined;
      const [block = next, ...rest] = variants ?? [];
      waiting.unshift(...rest);
      const refused = await readBlock(options, block, reading, signal);
      if (!refused) {
        answered++;
        mayAskAgain = true;
        continue;
      }
      if (mayAskAgain && UNANSWERED.has(refused.code)) {
        mayAskAgain = false;
        waiting.unshift(block);
        continue;
      }
      const exception = block === next ? refusesRegisters(refused) : undefined;
      const more = exception === undefined ? learned : learned.refused(block, new PlanTerms(profile, learned), exception);
      const pieces = more === learned ? [] : planWithin(new PlanTerms(profile, more, block.rows), cost);
      learned = more;
      if (pieces.length === 0) failure ??= refused;
      waiting.unshift(...pieces);
      if (!REFUSED.has(refused.code)) break;
    }
    if (answered > 0 && learned !== memory) {
      basis.memory = learned;
      replan();
    }
    contact.answered = answered > 0 || (failure !== undefined && REFUSED.has(failure.code));
    return [answered, failure];
  }

  return {
    async probe(signal): Promise<Reading> {
      const times = new RequestTimes(clock);
      const terms = new PlanTerms(profile, basis.memory, rows);
      const least = leastRequest(terms, (functionCode) => client.owedCounts(unit, functionCode));
      const failure = least
        ? await readBlock(options, least, { values: [], times }, signal)
        : new FarolaError('meter-not-asked', { analyser: id, unit, seconds: 1 });
      const { startedAt, spanMs } = times;
      const status = least ? statusOf(0, failure) : 'not-asked';
      return { startedAt, spanMs, status, values: [], offsets: [], failure };
    },
    async read(signal): Promise<Reading> {
      const times = new RequestTimes(clock);
      const read: SampleValue[] = [];
      const [answered, failure] = await readBlocks({ values: read, times }, signal);
      const { startedAt, spanMs } = times;
      const values = rows.map((row) => read[row] ?? null);
      return { startedAt, spanMs, status: statusOf(answered, failure), values, offsets: times.offsets(rows), failure };
    },
  };
}

/** What a reading has come to. */
interface UnderWay {
  /** By the place of the row in the profile. */
  readonly values: SampleValue[];
  readonly times: RequestTimes;
}

/** Fills in the values of a block; answers with the failure when there is one. */
async function readBlock(
  { id, unit, profile, client }: ReaderOptions,
  { functionCode, address, count, rows }: Block,
  { values, times }: UnderWay,
  signal?: AbortSignal,
): Promise<FarolaError | undefined> {
  try {
    const question = { analyser: id, unit, functionCode, address, count, onSent: times.sent };
    const bytes = await client.read(question, signal);
    times.gave(rows);
    for (const index of rows) {
      const row = profile.rows[index];
      if (row) values[index] = decodeRow(row, { address, bytes }, profile);
    }
    return undefined;
  } catch (error) {
    if (error instanceof FarolaError && STATUS_OF[error.code]) return error;
    throw error;
  }
}

/** The exception, where it says that registers are refused. */
function refusesRegisters({ code, facts: { exception } }: FarolaError): number | undefined {
  if (code !== 'meter-exception' || typeof exception !== 'number') return undefined;
  return REFUSES_REGISTERS.has(exception) ? exception : undefined;
}

function statusOf(answered: number, failure: FarolaError | undefined): SampleStatus {
  if (!failure) return 'complete';
  return answered > 0 ? 'partial' : statusOfFailure(failure.code);
}

/** The status of a reading in which nothing was read for such a failure. */
export function statusOfFailure(code: ErrorCode): SampleStatus {
  return STATUS_OF[code] ?? 'malformed';
}
