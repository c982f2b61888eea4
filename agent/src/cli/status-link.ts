import { isoTime } from '@farola/shared';
import type { RunStatus } from '../status/run-status.js';

/** Polls in which nothing was acknowledged while entries waited: fewer are usual, since an ack comes with the poll after. */
const MANY_POLLS = 3;

/** The part of a status about the connection: names, and what is said of them. */
export function linkLines({ lcuId, startedMs, link }: RunStatus): [string, string][] {
  const { state, sinceMs, reason, lastAnswerMs, lastAcknowledgedMs, pollsInVain } = link;
  const because = reason !== null && state !== 'connected' ? `, because: ${reason}` : '';
  const lines: [string, string][] = [
    ['link', `${state} since ${isoTime(sinceMs)}${because}`],
    ['last answer', time(lastAnswerMs)],
    ['last acknowledged', time(lastAcknowledgedMs)],
  ];
  if (pollsInVain < MANY_POLLS) return lines;
  const sinceText = isoTime(lastAcknowledgedMs ?? startedMs);
  const says = `the collector has taken nothing since ${sinceText}, in ${pollsInVain} polls; entries wait here`;
  return [...lines, ['not taken', `${says}: ask the operator: \`farola-collector status ${lcuId}\``]];
}

function time(ms: number | null): string {
  return ms === null ? 'never' : isoTime(ms);
}
