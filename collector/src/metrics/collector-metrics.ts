import type { ErrorCode } from '@farola/shared';
import type { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { PollObserver } from '../poll/poll-observer.js';

/** What is asked at each scrape. */
export interface MetricSources {
  readonly version: string;
  readonly connected: () => number;
  /** LCUs by their state. */
  readonly states: () => ReadonlyMap<string, number>;
  /** Entries that LCUs held unacknowledged at their last answers. */
  readonly backlog: () => number;
  readonly ledgerBytes: () => number;
  /** How long the oldest change waits that derived state has not taken in, ms. */
  readonly derivedLagMs: () => number;
}

/** The metrics of a collector. */
export interface CollectorMetrics {
  /** Told of the polls. */
  readonly polls: PollObserver;
  /** A transaction of the ledger has ended. */
  committed(tookMs: number, answers: number): void;
  /** A connection was refused. */
  refused(code: ErrorCode): void;
  /** Everything, in Prometheus' text format 0.0.4. */
  text(): Promise<string>;
  readonly contentType: string;
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

/** Makes the metrics of a collector, those of its process and event loop among them. docs/metrics.md tells of each. */
export async function collectorMetrics(sources: MetricSources): Promise<CollectorMetrics> {
  const { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } = (await import('prom-client')).default;
  const register: Registry = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });
  const gauge = (name: string, help: string, value: () => number): Gauge =>
    new Gauge({
      name,
      help,
      registers,
      collect(this: Gauge) {
        this.set(value());
      },
    });
  const seconds = (name: string, help: string): Histogram => new Histogram({ name, help, buckets: SECONDS, registers });
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[] = []): Counter<Label> =>
    new Counter({ name, help, labelNames, registers });

  new Gauge({ name: 'farola_collector_info', help: 'Always 1; the version is a label.', labelNames: ['version'], registers }).set(
    { version: sources.version },
    1,
  );
  gauge('farola_lcus_connected', 'LCUs that hold a connection.', sources.connected);
  new Gauge({
    name: 'farola_lcus',
    help: 'LCUs of the fleet by state.',
    labelNames: ['state'],
    registers,
    collect() {
      this.reset();
      for (const [state, count] of sources.states()) this.set({ state }, count);
    },
  });
  gauge('farola_backlog_entries', 'Entries that LCUs held unacknowledged at their last good answers.', sources.backlog);
  gauge('farola_ledger_bytes', 'Size of the ledger files, write-ahead logs included.', sources.ledgerBytes);
  gauge(
    'farola_derived_lag_seconds',
    'How long the oldest change waits for derived state.',
    () => sources.derivedLagMs() / 1_000,
  );
  const polled = counter('farola_polls_total', 'Polls that ended, by verdict: ok or a code of the error table.', ['verdict']);
  const entries = counter('farola_entries_stored_total', 'Entries that were new and are stored.');
  const answers = counter('farola_answers_stored_total', 'Answers that the ledger has stored.');
  const refusals = counter('farola_refusals_total', 'Connections that were refused, by code of the error table.', ['code']);
  const polledWell = polled.labels({ verdict: 'ok' });
  const roundTook = seconds('farola_round_duration_seconds', 'Length of one round of one LCU, with all its polls.');
  const roundLate = seconds('farola_round_lateness_seconds', 'How much later than its place in time a round began.');
  const commitTook = seconds('farola_commit_duration_seconds', 'Length of one transaction of the ledger.');
  return {
    polls: {
      roundDue: (lateMs) => roundLate.observe(lateMs / 1_000),
      roundDecided: () => undefined,
      roundEnded: (tookMs) => roundTook.observe(tookMs / 1_000),
      polled(verdict, entriesStored) {
        if (verdict === 'ok') polledWell.inc();
        else polled.inc({ verdict });
        if (entriesStored > 0) entries.inc(entriesStored);
      },
    },
    committed(tookMs, count) {
      commitTook.observe(tookMs / 1_000);
      answers.inc(count);
    },
    refused: (code) => refusals.inc({ code }),
    text: () => register.metrics(),
    contentType: register.contentType,
  };
}
