import { counted, ERRORS, type ErrorCode, FarolaError, isoTime, printable } from '@farola/shared';
import type { RunStatus } from '../status/run-status.js';

/** Polls in which nothing was acknowledged while entries waited: fewer are usual, since an ack comes with the poll after. */
const MANY_POLLS = 3;

/** The part of a status about the connection: names, and what is said of them. */
export function linkLines({ lcuId, startedMs, link }: RunStatus): [string, string][] {
  const { lastAnswerMs, lastAcknowledgedMs, pollsInVain } = link;
  const lines: [string, string][] = [
    ...stateLines(lcuId, link),
    ['last answer', time(lastAnswerMs)],
    ['last acknowledged', time(lastAcknowledgedMs)],
  ];
  if (pollsInVain < MANY_POLLS) return lines;
  const sinceText = isoTime(lastAcknowledgedMs ?? startedMs);
  const says = `the collector has taken nothing since ${sinceText}, in ${counted(pollsInVain, 'poll')}; entries wait here`;
  return [...lines, ['not taken', `${says}: ask the operator: \`farola-collector status ${lcuId}\``]];
}

function stateLines(lcuId: string, { state, sinceMs, reason, nextTryMs }: RunStatus['link']): [string, string][] {
  if (reason === null || state === 'connected') return [['link', `${state} since ${isoTime(sinceMs)}`]];
  const next = nextTryMs === null ? '' : `; next try at ${isoTime(nextTryMs)}`;
  const hint = hintOf(reason, lcuId);
  return [
    ['link', `${state} since ${isoTime(sinceMs)}, because: ${printable(reason)}${next}`],
    ...(hint === undefined ? [] : [['what to do', hint] as [string, string]]),
  ];
}

/** Codes that the collector gives and whose advice in the error table is for its operator: what they mean here. */
const HINTS_HERE: Readonly<Partial<Record<ErrorCode, string>>> = {
  'answer-missing': 'the collector heard nothing from here in time: look at the network of this LCU, and at its load',
};

/** What the error table advises, where it needs no more than the name of the LCU. */
function hintOf(reason: string, lcuId: string): string | undefined {
  if (!Object.hasOwn(ERRORS, reason)) return undefined;
  const hint = HINTS_HERE[reason as ErrorCode] ?? new FarolaError(reason as ErrorCode, { lcu: lcuId }).hint;
  return hint?.includes('{') ? undefined : hint;
}

function time(ms: number | null): string {
  return ms === null ? 'never' : isoTime(ms);
}
