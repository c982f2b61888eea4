import { openTrial, type OpenTrial, trialEnd, type TrialEnd, trialOf, type TrialTold } from './config-trial.js';
import type { CommandsBook, OrderedCommand } from './commands-book.js';

/** How a configuration that was sent to an LCU stands. */
export type PushedStanding =
  /** The LCU has not taken it; while another is on trial there it cannot. */
  | { readonly state: 'waits'; readonly behind: OpenTrial | undefined }
  | { readonly state: 'on-trial'; readonly trial: OpenTrial }
  | { readonly state: 'tried'; readonly end: TrialEnd }
  /** Refused, expired or replaced. */
  | { readonly state: 'ended' };

/** How a configuration stands, as far as the LCU has told. Errors: those of the ports. */
export function pushedStanding(
  command: OrderedCommand,
  { commands, derived }: { readonly commands: Pick<CommandsBook, 'lastTaken'>; readonly derived: TrialTold },
): PushedStanding {
  const { lcuNo, outcome } = command;
  if (outcome === null) return { state: 'waits', behind: openTrial(lcuNo, commands, derived) };
  if (outcome !== 'ok') return { state: 'ended' };
  const end = trialEnd(command, derived);
  return end ? { state: 'tried', end } : { state: 'on-trial', trial: trialOf(command, derived) };
}
