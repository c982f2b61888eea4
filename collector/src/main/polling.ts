import { type Clock, systemRandom, systemTimers, type Timers } from '@farola/shared';
import type { GroupCommit } from '../ledger/group-commit.js';
import { failedIn, type FailureLog } from '../log/failure-log.js';
import { CommandRound } from '../link/command-round.js';
import type { CollectorMetrics } from '../metrics/collector-metrics.js';
import { metricsOf, timedLedger } from '../metrics/metrics-adapters.js';
import { composePolling, type PollingParts } from '../poll/compose-polling.js';
import { Contacts } from '../poll/contacts.js';
import { DerivedWriter } from '../poll/derived-writer.js';
import type { PollObserver } from '../poll/poll-observer.js';
import type { PollService } from '../poll/poll-service.js';
import type { AnswerToStore } from '../poll/take-answer.js';
import { statePaths } from '../config/state-paths.js';
import { RoundBook } from '../uptime/round-book.js';
import { eventTeller } from './event-teller.js';
import type { Parts } from './parts.js';

/** Answers whose changes of the derived state are written at once: the same pages change with each of them. */
const DERIVED_AT_A_TIME = 1000;

/** What polling is made of, of the parts of a running collector. */
export interface PolledParts extends Pick<
  Parts,
  'config' | 'log' | 'keys' | 'keysRound' | 'command' | 'ledger' | 'state' | 'uptime' | 'verify'
> {
  readonly releases: Pick<Parts['releases'], 'book'>;
}

/** By what rounds go, and who else is told of them. */
export interface PollingOptions {
  readonly clock: Clock;
  readonly roundTimers: Timers;
  readonly onState: Pick<FailureLog, 'failed'>;
  readonly uptimeFailed: (error: unknown) => void;
  /** Told of polls beside metrics and uptime. */
  readonly observers?: readonly PollObserver[];
  readonly onCommitted?: PollingParts['onCommitted'];
}

/** What polls, and what is told of it. */
export interface Polling {
  readonly polls: PollService;
  readonly writer: DerivedWriter;
  readonly commit: GroupCommit<AnswerToStore>;
  readonly book: RoundBook;
  readonly commandRound: CommandRound;
  /** Undefined when the configuration asks for none. */
  readonly metrics: CollectorMetrics | undefined;
}

/** Puts together what polls, and what it tells of its rounds. */
export async function polling(parts: PolledParts, options: PollingOptions): Promise<Polling> {
  const { config, log, keys, keysRound, command, ledger, state, uptime, releases, verify } = parts;
  const { clock, roundTimers, onState, uptimeFailed, observers, onCommitted } = options;
  const { fleet, derived } = state;
  const { collectorId, deadlineMs } = config;
  const roundMs = config.pollSeconds * 1000;
  const contacts = new Contacts(derived);
  const writer = new DerivedWriter(derived, contacts, DERIVED_AT_A_TIME, eventTeller(log, fleet));
  const connected = (): number => composed.polls.counts.connected;
  const ledgerFolder = statePaths(config).ledger;
  const metrics = config.metrics && (await metricsOf({ fleet, contacts, writer, connected, ledgerFolder, clock }));
  const isConnected = (lcuNo: number): boolean => composed.polls.isConnected(lcuNo);
  const book = new RoundBook({ store: uptime, isConnected, clock, roundMs });
  const signing = { collectorId, commandSigner: () => command.signer };
  const commandRound = new CommandRound({ ...signing, book: state.commands, verify, clock, log });
  const composed = composePolling({
    clock,
    timers: systemTimers,
    roundTimers,
    random: systemRandom,
    verify,
    revoked: (codeHash) => releases.book.revoked(codeHash),
    ledger,
    appender: metrics ? timedLedger(ledger, metrics, clock) : ledger,
    fleet,
    writer,
    contacts,
    log,
    orders: [keysRound, commandRound],
    collectorId,
    pollSigner: () => keys.identity.pollSigner,
    deadlineMs,
    roundMs,
    observers: [...(metrics ? [metrics.polls] : []), book.observer(uptimeFailed), ...(observers ?? [])],
    onCommitted,
    onFailedHook: failedIn(onState),
  });
  return { ...composed, writer, book, commandRound, metrics };
}
