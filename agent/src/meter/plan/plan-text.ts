import { counted, textTable } from '@farola/shared';
import { hex } from '../profile/hex.js';
import type { RegisterSpan } from '../profile/profile.js';
import type { ToldRefusal } from './told-refusals.js';
import type { ExplainedPlan, PlanTotal, WhyEnds } from './explain-plan.js';

/** Why a request ends where it does, in words. */
const WHY: Readonly<Record<WhyEnds, string>> = {
  'limit': 'block limit of the model',
  'exclusive': 'an exclusive register comes next',
  'barrier': 'a barrier of the model',
  'unreadable': 'registers that the model refuses',
  'hole-too-long': 'hole longer than the model allows',
  'refused': 'refused by this device',
  'dearer': 'hole dearer than a request',
  'function': 'another function code comes next',
  'end': 'last row',
};

/** A plan as lines for people. @param refusals what the device refused of it */
export function planText(plan: ExplainedPlan, refusals: readonly ToldRefusal[] = []): string[] {
  const columns = ['function', 'registers', 'count', 'holes', 'bytes', 'ms', 'reads', 'ends by'];
  const rows = plan.plan.map((one) => [
    String(one.functionCode),
    `${hex(one.address)} to ${hex(one.address + one.count - 1)}`,
    String(one.count),
    String(one.holes),
    String(one.bytes),
    one.ms.toFixed(1),
    readsText(one.quantities),
    WHY[one.ends],
  ]);
  const right = new Set(['count', 'holes', 'bytes', 'ms']);
  const table = textTable(
    columns.map((title) => ({ title, ...(right.has(title) ? { align: 'right' as const } : {}) })),
    rows,
  );
  return [
    ...table.map((line) => `  ${line}`),
    `  a pass:             ${totalText(plan)}`,
    `  one row a request:  ${totalText(plan.oneByOne)}`,
    `  only neighbours:    ${totalText(plan.adjacentOnly)}`,
    ...(plan.absent.length > 0 ? [`  not asked for:      ${plan.absent.join(', ')}`] : []),
    ...refusals.map((one) => `  refused:            ${refusalText(one)}`),
  ];
}

function refusalText({ functionCode, exception, quantities, holes, cuts, ...span }: ToldRefusal): string {
  const outcome = [
    ...(quantities.length > 0 ? [`${quantities.join(', ')} asked for no more`] : []),
    ...(holes.length > 0 ? [`split: read without ${holes.map(spanText).join(', ')}`] : []),
    ...(cuts.length > 0 ? [`split: read apart at ${cuts.map(hex).join(', ')}`] : []),
  ];
  return `${spanText(span)} of function ${functionCode}, by exception ${exception}; ${outcome.join('; ')}`;
}

function spanText({ from, to }: RegisterSpan): string {
  return to - from === 1 ? hex(from) : `${hex(from)} to ${hex(to - 1)}`;
}

function totalText({ requests, registers, bytes, ms }: PlanTotal): string {
  const counts = [counted(requests, 'request'), counted(registers, 'register'), counted(bytes, 'byte')];
  return `${counts.join(', ')}, ${(ms / 1_000).toFixed(2)} s`;
}

function readsText(quantities: readonly string[]): string {
  const [first, last] = [quantities.at(0) ?? '', quantities.at(-1) ?? ''];
  return quantities.length === 1 ? first : `${quantities.length}: ${first} to ${last}`;
}
