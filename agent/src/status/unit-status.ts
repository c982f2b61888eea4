import { toHex } from '@farola/shared';
import type { Meter } from '../meter/meter.js';
import type { MeterStatus } from './run-status.js';

/** What a status says of the questions to each analyser: one for each, whatever groups it is read in. */
export function unitStatuses({
  analysers,
  readers,
  lines,
  plans,
}: Pick<Meter, 'analysers' | 'readers' | 'lines' | 'plans'>): MeterStatus['units'] {
  const firsts = analysers.filter(({ id }, place) => analysers.findIndex((one) => one.id === id) === place);
  return firsts.map(({ id, index, line, unit, profileHash }) => {
    const plan = plans.get(id);
    const { rows = [], blocks = [] } = plan?.memory.refusals ?? {};
    const counters = lines.find((one) => one.id === line)?.units.get(unit)?.counters;
    const { latency, ...counts } = counters ?? NOT_ASKED;
    return {
      id,
      line,
      unit,
      ...counts,
      plan: {
        profileHash: toHex(profileHash),
        answerMs: plan?.learnedMs ?? null,
        refusedRows: [...rows],
        refusedBlocks: blocks.map((block) => ({ ...block, holes: [...block.holes], cuts: [...block.cuts] })),
      },
      isLeftAlone: readers[index]?.isLeftAlone ?? false,
      latencyMs: {
        half: latency?.percentile(0.5) ?? null,
        most: latency?.percentile(0.95) ?? null,
        nearlyAll: latency?.percentile(0.99) ?? null,
      },
    };
  });
}

const NOT_ASKED = { requests: 0, ok: 0, timeouts: 0, malformed: 0, crc: 0, exceptions: 0, lateAnswers: 0, latency: undefined };
