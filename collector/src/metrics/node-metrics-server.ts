import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { codeOf, listenFailure } from '@farola/shared';
import type { Log } from '../log/log.js';
import type { CollectorMetrics } from './collector-metrics.js';

/** A server of metrics. */
export interface MetricsServer {
  /** `host:port`. */
  readonly address: string;
  close(): Promise<void>;
}

/** Where it listens, and whom it tells what fails. */
export interface MetricsServerOptions {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  readonly log: Log;
}

/** Requests at once, beyond which no more are taken: a Prometheus or two ask. */
const MOST = 8;
const REQUEST_MS = 5_000;

/** Answers `GET /metrics` over HTTP, and nothing else. Errors: those of `listenFailure`. */
export async function serveMetrics(
  metrics: Pick<CollectorMetrics, 'text' | 'contentType'>,
  { host, port, log }: MetricsServerOptions,
): Promise<MetricsServer> {
  const server = createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS }, (request, response) => {
    if (request.url?.split('?', 1)[0] !== '/metrics') return void response.writeHead(404).end();
    if (request.method !== 'GET' && request.method !== 'HEAD') return void response.writeHead(405, { allow: 'GET' }).end();
    metrics.text().then(
      (text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(request.method === 'HEAD' ? '' : text),
      (error: unknown) => {
        log.error({ code: codeOf(error), err: error }, 'metrics could not be gathered');
        response.writeHead(500).end();
      },
    );
  });
  server.maxConnections = MOST;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenFailure(error, host, port)));
    server.listen(port, host, resolve);
  });
  const at = server.address() as AddressInfo;
  return {
    address: `${at.family === 'IPv6' ? `[${at.address}]` : at.address}:${at.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
