import { FarolaError, isoTime, jsonTime, printable, systemClock } from '@farola/shared';
import type { OrderedCommand } from '../fleet/commands-book.js';
import { type PushedStanding, pushedStanding } from '../fleet/pushed-standing.js';
import { trialText } from '../status/trial-text.js';
import type { CommandOptions } from './command-options.js';
import { existing } from './lcu-config.js';
import { withState } from './open-store.js';

/** Shows what was sent to an LCU last, and what became of it. Errors: `lcu-unknown`, `command-none`. */
export async function showConfig(lcuId: string, options: CommandOptions): Promise<void> {
  await withState(options.config, (state) => {
    const last = state.commands.last(existing(state, lcuId).lcuNo);
    if (!last) throw new FarolaError('command-none', { lcu: lcuId });
    const standing = pushedStanding(last, state);
    if (options.json) options.out(JSON.stringify({ lcuId, ...jsonOf(last, standing) }));
    else linesOf(last, standing, systemClock().now().wallMs).forEach(options.out);
  });
}

function jsonOf(command: OrderedCommand, standing: PushedStanding): object {
  const { sequence, by, reason, orderedAtMs, validUntilMs, outcome, detail, answeredAtMs, argument } = command;
  const open = standing.state === 'waits' ? standing.behind : standing.state === 'on-trial' ? standing.trial : undefined;
  return {
    sequence,
    by,
    reason,
    orderedAt: jsonTime(orderedAtMs),
    validUntil: jsonTime(validUntilMs),
    answeredAt: jsonTime(answeredAtMs),
    outcome,
    detail: detail === '' ? null : detail,
    trial: standing.state === 'tried' ? endJson(standing.end) : null,
    trialEndsAt: jsonTime(open?.untilMs ?? null),
    waitsForSequence: standing.state === 'waits' ? (standing.behind?.sequence ?? null) : null,
    text: Buffer.from(argument).toString(),
  };
}

type Tried = Extract<PushedStanding, { state: 'tried' }>;

function endJson(end: Tried['end']): object {
  return end.kept ? { state: 'kept', reason: null } : { state: 'rolled-back', reason: end.why };
}

function linesOf(command: OrderedCommand, standing: PushedStanding, nowMs: number): string[] {
  const { sequence, by, reason, orderedAtMs, outcome, detail, argument } = command;
  const said = outcome === 'ok' ? [] : (detail ?? '').split('\n').filter((line) => line !== '');
  return [
    `# configuration ${sequence} of ${isoTime(orderedAtMs)} by ${printable(by)}: ${printable(reason)}`,
    `# ${standingText(command, standing, nowMs)}`,
    ...said.map((line) => `#   ${printable(line.trim())}`),
    Buffer.from(argument).toString().trimEnd(),
  ];
}

function standingText({ outcome }: OrderedCommand, standing: PushedStanding, nowMs: number): string {
  switch (standing.state) {
    case 'waits': {
      const { behind } = standing;
      return `waits for the LCU${behind ? `, where configuration ${behind.sequence} is ${trialText(behind, nowMs)}` : ''}`;
    }
    case 'on-trial':
      return `taken; ${trialText(standing.trial, nowMs)}`;
    case 'tried':
      return standing.end.kept ? 'taken; kept' : `taken; rolled back: ${printable(standing.end.why)}`;
    case 'ended':
      return endedText(outcome);
  }
}

function endedText(outcome: OrderedCommand['outcome']): string {
  if (outcome === 'replaced') return 'replaced by a later one before the LCU took it';
  if (outcome === 'command-expired') return 'expired before the LCU took it';
  return `refused by the LCU: ${outcome ?? ''}`;
}
