import { codeOf, sameBytes, systemClock, systemTimers } from '@farola/shared';
import type { Listener } from '../link/channel.js';
import { failedIn, FailureLog } from '../log/failure-log.js';
import type { RefusalLog } from '../log/refusal-log.js';
import type { PollService } from '../poll/poll-service.js';
import { OldRounds } from '../uptime/old-rounds.js';
import type { Parts } from './parts.js';
import type { Polling } from './polling.js';
import { repeat } from './repeat.js';

/** How often the fleet is looked at for changes by other processes, and what waits of the derived state is written, ms. */
const TICK_MS = 1000;
/** How often the server certificate is looked at, ms. */
const RENEWAL_MS = 86_400_000;
/** How often it is told how many lines were left out of the log, ms. */
export const LEFT_OUT_MS = 60_000;

/** Where a running collector says what fails, or is refused. */
export interface Troubles {
  readonly state: FailureLog;
  readonly uptime: FailureLog;
  readonly refusals: RefusalLog;
}

/** What a running collector does beside polling. */
export interface Chores {
  /** How often the fleet was looked at: a loop that gets on looks each second. */
  readonly turns: () => number;
  stop(): void;
}

/** What the chores are done on. */
export interface ChoreParts {
  readonly parts: Parts;
  readonly polled: Polling;
  readonly listener: Listener;
  readonly troubles: Troubles;
  /** Takes in what became of the fleet. */
  readonly review: () => void;
}

/** Takes fleet and releases in as they are, and starts the chores. */
export function startChores({ parts, polled, listener, troubles, review }: ChoreParts): Chores {
  const { config, log, ledger, renewed, uptime: store } = parts;
  const { state: onState, uptime: onUptime, refusals } = troubles;
  const failed = (message: string) => (error: unknown) => log.error({ code: codeOf(error), err: error }, message);
  const look = fleetLook(parts, polled, review);
  const oldRounds = new OldRounds({ store, clock: systemClock(), keepMonths: config.uptime.keepMonths });
  let turns = 0;
  const lookAtFleet = (): void => {
    turns++;
    look();
    onState.worked();
  };
  const lookAtRounds = (): void => {
    // A store that cannot be read is told also while no LCU is due.
    store.last(0);
    polled.book.look();
    polled.book.flush();
    oldRounds.look();
    onUptime.worked();
  };
  const onRanges = new FailureLog(log, 'recent ranges could not be put in order');
  const lookAtRanges = (): void => {
    ledger.settle();
    onRanges.worked();
  };
  const renew = async (): Promise<void> => {
    const tls = await renewed();
    if (tls) listener.replaceTls(tls);
  };
  const lookAtKeys = (): Promise<void> => takeReplacedKeys(parts, listener, polled.polls);
  const stops = [
    repeat(systemTimers, TICK_MS, lookAtFleet, failedIn(onState)),
    repeat(systemTimers, TICK_MS, lookAtRounds, failedIn(onUptime)),
    repeat(systemTimers, TICK_MS, lookAtRanges, failedIn(onRanges)),
    repeat(systemTimers, TICK_MS, lookAtKeys, failed('keys could not be looked at')),
    repeat(systemTimers, LEFT_OUT_MS, () => refusals.flush(), failed('refusals could not be logged')),
    repeat(systemTimers, RENEWAL_MS, renew, failed('server certificate could not be renewed')),
  ];
  return {
    turns: () => turns,
    stop() {
      for (const stop of stops) stop();
    },
  };
}

/** Takes fleet and releases in as they are; gives what writes the derived state and takes in what changed since. */
function fleetLook(
  { state: { fleet }, releases, clockWatch }: Parts,
  { writer, book, commandRound }: Polling,
  review: () => void,
): () => void {
  let seen = fleet.version();
  releases.read();
  book.setRoster(fleet.list());
  return () => {
    writer.flush();
    clockWatch.look();
    const version = fleet.version();
    if (version !== seen) {
      review();
      commandRound.review();
      releases.read();
    }
    seen = version;
  };
}

/** Goes on with keys that a command replaced, and ends a rotation when every LCU has the next ones, or its time is over. */
async function takeReplacedKeys(
  { keys, keysWatch, keysRound, command, log }: Parts,
  listener: Pick<Listener, 'replaceTls'>,
  polls: PollService,
): Promise<void> {
  const { wallMs } = systemClock().now();
  const replaced = await keysWatch.look(({ untilMs }) => wallMs >= untilMs || keysRound.missing().length === 0);
  if (!replaced) return;
  const { identity, commandSigner, tls, newest } = replaced;
  const before = keys.accepted;
  keys.replace(identity);
  command.signer = commandSigner;
  listener.replaceTls(tls);
  log.info({ sequence: newest.keys.sequence }, 'keys replaced');
  if (!before.some((key) => sameBytes(key, identity.pollSigner.publicKey))) polls.hangUp();
}
