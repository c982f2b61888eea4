import type { Clock } from '@farola/shared';
import type { FleetReader } from '../fleet/fleet.js';
import type { LedgerAppender } from '../ledger/ledger.js';
import type { Log } from '../log/log.js';
import type { Contacts } from '../poll/contacts.js';
import type { DerivedWriter } from '../poll/derived-writer.js';
import { COLLECTOR_VERSION } from '../version.js';
import { type CollectorMetrics, collectorMetrics } from './collector-metrics.js';
import { folderBytes } from './fs-ledger-bytes.js';
import { type MetricsServer, serveMetrics } from './node-metrics-server.js';

/** What the metrics are taken from. */
export interface MetricParts {
  readonly fleet: Pick<FleetReader, 'list'>;
  readonly contacts: Pick<Contacts, 'backlog'>;
  readonly writer: Pick<DerivedWriter, 'waitingSinceMs'>;
  readonly connected: () => number;
  readonly ledgerFolder: string;
  readonly clock: Clock;
}

/** The metrics of a running collector. */
export function metricsOf(parts: MetricParts): Promise<CollectorMetrics> {
  const { fleet, contacts, writer, connected, ledgerFolder, clock } = parts;
  return collectorMetrics({
    version: COLLECTOR_VERSION,
    connected,
    states() {
      const counts = new Map<string, number>();
      for (const { state } of fleet.list()) counts.set(state, (counts.get(state) ?? 0) + 1);
      return counts;
    },
    backlog: () => contacts.backlog,
    ledgerBytes: () => folderBytes(ledgerFolder),
    derivedLagMs: () => Math.max(0, clock.now().wallMs - (writer.waitingSinceMs ?? Infinity)),
  });
}

/** A ledger of which the time of each transaction is told. */
export function timedLedger(ledger: LedgerAppender, metrics: CollectorMetrics, clock: Clock): LedgerAppender {
  return {
    append(answers) {
      const { monoMs } = clock.now();
      const keys = ledger.append(answers);
      metrics.committed(clock.now().monoMs - monoMs, answers.length);
      return keys;
    },
  };
}

/** Serves metrics where the configuration says. Errors: those of `listenFailure`. */
export async function openMetricsServer(
  metrics: CollectorMetrics,
  at: { readonly host: string; readonly port: number },
  log: Log,
): Promise<MetricsServer> {
  const server = await serveMetrics(metrics, { ...at, log });
  log.info({ address: server.address }, 'metrics are served');
  return server;
}
