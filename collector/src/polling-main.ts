import { codeOf, systemClock, systemRandom, systemTimers } from '@farola/shared';
import { eventTeller } from './event-teller.js';
import { type FailureLog } from './failure-log.js';
import { GroupCommit } from './ledger/group-commit.js';
import { CommandRound } from './link/command-round.js';
import type { CollectorMetrics } from './metrics/collector-metrics.js';
import { metricsOf, timedLedger } from './metrics/metrics-adapters.js';
import { Contacts } from './poll/contacts.js';
import { Deadlines } from './poll/deadlines.js';
import { DerivedWriter } from './poll/derived-writer.js';
import { tellAll } from './poll/poll-observer.js';
import { PollService } from './poll/poll-service.js';
import type { AnswerToStore } from './poll/take-answer.js';
import { statePaths } from './state-paths.js';
import { RoundBook } from './uptime/round-book.js';
import type { Parts } from './parts-main.js';

/** Answers whose changes of the derived state are written at once: the same pages change with each of them. */
const DERIVED_AT_A_TIME = 1000;

/** What polls, and what is told of it. */
export interface Polling {
  readonly polls: PollService;
  readonly writer: DerivedWriter;
  readonly commit: GroupCommit<AnswerToStore>;
  readonly book: RoundBook;
  /** Undefined when the configuration asks for none. */
  readonly metrics: CollectorMetrics | undefined;
}

/** Puts together what polls, and what it tells of its rounds. */
export async function polling(parts: Parts, onState: FailureLog, uptimeFailed: (error: unknown) => void): Promise<Polling> {
  const { config, log, keys, keysRound, command, ledger, state, uptime, releases, verify } = parts;
  const contacts = new Contacts(state.derived);
  const writer = new DerivedWriter(state.derived, contacts, DERIVED_AT_A_TIME, eventTeller(log, state.fleet));
  const clock = systemClock();
  const { fleet } = state;
  const connected = (): number => polls.counts.connected;
  const ledgerFolder = statePaths(config).ledger;
  const metrics = config.metrics && (await metricsOf({ fleet, contacts, writer, connected, ledgerFolder, clock }));
  const roundMs = config.pollSeconds * 1000;
  const isConnected = (lcuNo: number): boolean => polls.isConnected(lcuNo);
  const book = new RoundBook({ store: uptime, isConnected, clock, roundMs });
  const commit = new GroupCommit<AnswerToStore>({
    ledger: metrics ? timedLedger(ledger, metrics, clock) : ledger,
    timers: systemTimers,
    onStoring: (batch) => writer.storing(batch),
    onCommitted: (batch) => writer.committed(batch),
    onFailedHook: (error) => onState.failed(codeOf(error), { err: error }),
  });
  const { collectorId } = config;
  const commandRound = new CommandRound({
    collectorId,
    commandSigner: () => command.signer,
    book: state.commands,
    verify,
    clock,
    log,
  });
  const polls: PollService = new PollService({
    clock,
    timers: systemTimers,
    random: systemRandom,
    verify,
    revoked: (codeHash) => releases.book.revoked(codeHash),
    ledger,
    commit,
    fleet,
    derived: writer,
    contacts,
    log,
    orders: [keysRound, commandRound],
    collectorId,
    pollSigner: () => keys.identity.pollSigner,
    deadlines: new Deadlines(clock, systemTimers, config.deadlineMs),
    roundMs,
    observer: tellAll([...(metrics ? [metrics.polls] : []), book.observer(uptimeFailed)]),
  });
  return { polls, writer, commit, book, metrics };
}
