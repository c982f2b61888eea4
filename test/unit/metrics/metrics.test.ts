import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { COLLECTOR_CONFIG } from '@farola/collector/config.js';
import { collectorMetrics, type CollectorMetrics } from '@farola/collector/metrics/collector-metrics.js';
import { type MetricsServer, serveMetrics } from '@farola/collector/metrics/node-metrics-server.js';
import { parseMetrics } from '../../fakes/metrics-text.js';

const DOCUMENT = fileURLToPath(new URL('../../../../docs/metrics.md', import.meta.url));
const LOG = { info: () => undefined, warn: () => undefined, error: () => undefined };

function someMetrics(): Promise<CollectorMetrics> {
  return collectorMetrics({
    version: '1.2.3',
    connected: () => 7,
    states: () =>
      new Map([
        ['active', 9],
        ['revoked', 1],
      ]),
    backlog: () => 40,
    ledgerBytes: () => 4_096,
    derivedLagMs: () => 1_500,
  });
}

async function served(t: ExecutionContext): Promise<MetricsServer> {
  const server = await serveMetrics(await someMetrics(), { host: '127.0.0.1', port: 0, log: LOG });
  t.teardown(() => server.close());
  return server;
}

test('what was told is in the scrape, in the units of the names', async (t) => {
  const metrics = await someMetrics();
  metrics.polls.polled('ok', 12);
  metrics.polls.polled('answer-missing', 0);
  metrics.polls.polled('ok', 0);
  metrics.polls.roundDue(250);
  metrics.polls.roundEnded(2_000);
  metrics.committed(20, 5);
  metrics.refused('strangers-full');
  const samples = new Map(parseMetrics(await metrics.text()).flatMap((family) => [...family.samples]));
  for (const [name, value] of [
    ['farola_collector_info{version="1.2.3"}', 1],
    ['farola_lcus_connected', 7],
    ['farola_lcus{state="active"}', 9],
    ['farola_lcus{state="revoked"}', 1],
    ['farola_backlog_entries', 40],
    ['farola_ledger_bytes', 4_096],
    ['farola_derived_lag_seconds', 1.5],
    ['farola_polls_total{verdict="ok"}', 2],
    ['farola_polls_total{verdict="answer-missing"}', 1],
    ['farola_entries_stored_total', 12],
    ['farola_answers_stored_total', 5],
    ['farola_refusals_total{code="strangers-full"}', 1],
    ['farola_round_lateness_seconds_sum', 0.25],
    ['farola_round_duration_seconds_sum', 2],
    ['farola_commit_duration_seconds_count', 1],
    ['farola_commit_duration_seconds_sum', 0.02],
  ] as const) {
    t.is(samples.get(name), value, name);
  }
  t.true((samples.get('process_resident_memory_bytes') ?? 0) > 1e6);
  t.true(samples.has('nodejs_eventloop_lag_p99_seconds'));
});

test('docs/metrics.md has one line for each metric, with type, labels and meaning, and no other', async (t) => {
  const metrics = await someMetrics();
  metrics.polls.polled('ok', 1);
  metrics.refused('strangers-full');
  const families = parseMetrics(await metrics.text()).filter(({ name }) => name.startsWith('farola_'));
  const rows = families.map(({ name, type, help, samples }) => {
    const [sample = ''] = samples.keys();
    const labels = [...sample.matchAll(/[{,](\w+)=/g)].flatMap(([, label]) => (label === 'le' ? [] : [label]));
    return { name, type, labels: labels.join(), help };
  });
  const documented = [...readFileSync(DOCUMENT, 'utf8').matchAll(/^\| `(farola_\w+)` \| (\w+) \|(?: `(\w+)`)? \| (.+) \|$/gm)];
  t.deepEqual(
    documented.map(([, name = '', type = '', labels = '', help = '']) => ({ name, type, labels, help })),
    rows,
  );
});

test('the server answers GET /metrics and nothing else', async (t) => {
  const { address } = await served(t);
  const answer = await fetch(`http://${address}/metrics?x=1`);
  t.is(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  t.true(parseMetrics(await answer.text()).length > 20);
  t.is((await fetch(`http://${address}/`)).status, 404);
  t.is((await fetch(`http://${address}/metrics`, { method: 'POST' })).status, 405);
  t.is(await (await fetch(`http://${address}/metrics`, { method: 'HEAD' })).text(), '');
});

for (const line of ['GET // HTTP/1.1', 'GET http:// HTTP/1.1', 'GET * HTTP/1.1', 'nonsense']) {
  test(`the server outlives \`${line}\``, async (t) => {
    const { address } = await served(t);
    const [host = '', port] = address.split(':');
    const socket = connect(Number(port), host);
    socket.end(`${line}\r\nhost: x\r\nconnection: close\r\n\r\n`);
    await new Promise((resolve) => socket.on('error', resolve).on('close', resolve).resume());
    t.is((await fetch(`http://${address}/metrics`)).status, 200);
  });
}

test('a port that is taken is an error of the table', async (t) => {
  const { address } = await served(t);
  const port = Number(address.split(':')[1]);
  const failed = serveMetrics(await someMetrics(), { host: '127.0.0.1', port, log: LOG });
  await t.throwsAsync(failed, { code: 'address-in-use' });
});

test('metrics are off by default, and listen on loopback only', (t) => {
  const config = { collectorId: 'malaga', publicAddress: 'wss://localhost:8443' };
  t.is(COLLECTOR_CONFIG.parse(config).metrics, undefined);
  t.deepEqual(COLLECTOR_CONFIG.parse({ ...config, metrics: {} }).metrics, { host: '127.0.0.1', port: 9464 });
  for (const host of ['0.0.0.0', '::', '10.0.0.1', 'collector', '127.evil.example', '']) {
    t.false(COLLECTOR_CONFIG.safeParse({ ...config, metrics: { host } }).success, host);
  }
});
