import { FarolaError } from '@farola/shared';
import type { Clock, ErrorCode, SampleStatus, SampleValue } from '@farola/shared';
import { planBlocks, splitAtHoles, splitInHalf } from './plan/block-plan.js';
import type { Block } from './plan/block-plan.js';
import { decodeRow } from './profile/decode-registers.js';
import type { Profile } from './profile/profile.js';
import type { ProbedReader, Reading } from './reading.js';
import type { RegisterClient } from './line/register-client.js';

const STATUS_OF: Partial<Record<ErrorCode, SampleStatus>> = {
  'meter-timeout': 'timeout',
  'meter-exception': 'exception',
  'meter-malformed': 'malformed',
  'line-unavailable': 'line-unavailable',
  'permission-denied': 'line-unavailable',
  'port-in-use': 'line-unavailable',
  'rs485-refused': 'line-unavailable',
};

/** Illegal data address and illegal data value: what a model answers that does not have all registers of a block. */
const REFUSES_REGISTERS: ReadonlySet<unknown> = new Set([2, 3]);

/** What a reader needs to know of its analyser. */
export interface ReaderOptions {
  readonly id: string;
  readonly unit: number;
  readonly profile: Profile;
  readonly client: RegisterClient;
  readonly clock: Clock;
}

/**
 * Reads an analyser block by block. The reading ends at the first failure other than an exception, so that a dead
 * analyser costs one timeout and a lost line none; what was read until then stays. An exception costs its block only. A
 * block of which the model refuses registers is read without its holes, then in halves, until the row that it does not
 * have stands alone; that one is not asked for again in this run, and stays null. A model that refuses all is asked
 * for all again: it may be another one, or not be ready.
 */
export function analyserReader(options: ReaderOptions): ProbedReader {
  const { profile, clock } = options;
  let blocks = planBlocks(profile);

  async function readBlocks(values: SampleValue[], signal?: AbortSignal): Promise<[number, FarolaError | undefined]> {
    let failure: FarolaError | undefined;
    let answered = 0;
    let plan = blocks;
    const waiting = [...blocks];
    for (let block = waiting.shift(); block !== undefined; block = waiting.shift()) {
      const read = block;
      const refused = await readBlock(options, read, values, signal);
      const pieces = refused && piecesOf(read, refused, profile);
      if (!refused) answered++;
      if (pieces) plan = plan.flatMap((one) => (one === read ? pieces : [one]));
      if (pieces && pieces.length > 0) waiting.unshift(...pieces);
      else failure ??= refused;
      if (refused && refused.code !== 'meter-exception') break;
    }
    if (answered > 0) blocks = plan;
    return [answered, failure];
  }

  return {
    async probe(signal): Promise<Reading> {
      const startedAt = clock.now();
      const least = blocks.toSorted((a, b) => a.count - b.count)[0];
      const failure = least && (await readBlock(options, least, [], signal));
      const spanMs = clock.now().monoMs - startedAt.monoMs;
      return { startedAt, spanMs, status: statusOf(0, failure), values: [], failure };
    },
    async read(signal): Promise<Reading> {
      const startedAt = clock.now();
      const values: SampleValue[] = profile.rows.map(() => null);
      const [answered, failure] = await readBlocks(values, signal);
      const spanMs = clock.now().monoMs - startedAt.monoMs;
      return { startedAt, spanMs, status: statusOf(answered, failure), values, failure };
    },
  };
}

/** Fills in the values of a block; answers with the failure when there is one. */
async function readBlock(
  { id, unit, profile, client }: ReaderOptions,
  { address, count, rows }: Block,
  values: SampleValue[],
  signal?: AbortSignal,
): Promise<FarolaError | undefined> {
  try {
    const question = { analyser: id, unit, functionCode: profile.functionCode, address, count };
    const bytes = await client.read(question, signal);
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

/** What to read instead of a block whose registers the model refuses: nothing for a single row; undefined to keep it. */
function piecesOf(block: Block, refused: FarolaError, profile: Profile): Block[] | undefined {
  if (refused.code !== 'meter-exception' || !REFUSES_REGISTERS.has(refused.facts['exception'])) return undefined;
  if (block.rows.length === 1) return [];
  const withoutHoles = splitAtHoles(block, profile);
  return withoutHoles.length > 1 ? withoutHoles : splitInHalf(block, profile);
}

function statusOf(answered: number, failure: FarolaError | undefined): SampleStatus {
  if (!failure) return 'complete';
  return answered > 0 ? 'partial' : (STATUS_OF[failure.code] ?? 'malformed');
}
