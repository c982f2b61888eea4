import { FarolaError } from '@farola/shared';
import type { Clock, ErrorCode, SampleStatus, SampleValue } from '@farola/shared';
import { planBlocks, splitAtHoles } from './block-plan.js';
import type { Block } from './block-plan.js';
import { decodeRow } from './decode-registers.js';
import type { Profile } from './profile.js';
import type { AnalyserReader, Reading } from './reading.js';
import type { RegisterClient } from './register-client.js';

const STATUS_OF: Partial<Record<ErrorCode, SampleStatus>> = {
  'meter-timeout': 'timeout',
  'meter-exception': 'exception',
  'meter-malformed': 'malformed',
  'line-unavailable': 'line-unavailable',
  'permission-denied': 'line-unavailable',
  'port-in-use': 'line-unavailable',
};

/** Illegal data address and illegal data value: what a model answers that does not have all registers of a block. */
const REFUSES_HOLES: ReadonlySet<unknown> = new Set([2, 3]);

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
 * analyser costs one timeout and a lost line none; what was read until then stays. An exception costs its block only; a
 * block with holes is then read without them, from now on.
 */
export function analyserReader(options: ReaderOptions): AnalyserReader {
  const { profile, clock } = options;
  let blocks = planBlocks(profile);

  async function readBlocks(values: SampleValue[], signal?: AbortSignal): Promise<[number, FarolaError | undefined]> {
    let failure: FarolaError | undefined;
    let answered = 0;
    const waiting = [...blocks];
    for (let block = waiting.shift(); block !== undefined; block = waiting.shift()) {
      const refused = await readBlock(options, block, values, signal);
      const pieces = refused ? withoutHoles(block, refused, profile) : [];
      if (!refused) {
        answered++;
      } else if (pieces.length > 1) {
        const merged = block;
        blocks = blocks.flatMap((one) => (one === merged ? pieces : [one]));
        waiting.unshift(...pieces);
      } else {
        failure ??= refused;
        if (refused.code !== 'meter-exception') break;
      }
    }
    return [answered, failure];
  }

  return {
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

function withoutHoles(block: Block, refused: FarolaError, profile: Profile): Block[] {
  const splits = refused.code === 'meter-exception' && REFUSES_HOLES.has(refused.facts['exception']);
  return splits ? splitAtHoles(block, profile) : [];
}

function statusOf(answered: number, failure: FarolaError | undefined): SampleStatus {
  if (!failure) return 'complete';
  return answered > 0 ? 'partial' : (STATUS_OF[failure.code] ?? 'malformed');
}
