import { mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test from 'ava';
import { readFleetStatus } from '@farola/collector/cli/read-fleet-status.js';
import { statePaths } from '@farola/collector/config/state-paths.js';
import { openSqliteState } from '@farola/collector/fleet/sqlite-state.js';
import { openSqliteLedgerReader } from '@farola/collector/ledger/sqlite-ledger-reader.js';
import { readFacts, type FactSources } from '@farola/collector/status/read-facts.js';
import { openSqliteUptime } from '@farola/collector/uptime/sqlite-uptime.js';
import { codeOf } from '@farola/shared';
import { openSqliteLedger } from '@farola/collector/ledger/sqlite-ledger.js';
import { breakingDiskTest } from '../../fakes/disk-test.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { breakingDisk } from '../../fakes/tiny-disk.js';
import { wideFleet } from '../../fakes/wide-fleet.js';

/** A thousand take about 150 ms. Of the processor, since others may use it at the same time. */
const MOST_MS = 1_000;

test('a thousand LCUs are told within a second, each with what its newest answer said', async (t) => {
  t.timeout(180_000);
  const nowMs = Date.now() - 60_000;
  const config = await wideFleet(temporaryFolder(t), 1_000, nowMs);
  await readFleetStatus(config);
  const before = process.cpuUsage();
  const status = await readFleetStatus(config);
  const { user, system } = process.cpuUsage(before);
  const tookMs = (user + system) / 1_000;
  t.log(`${Math.round(tookMs)} ms`);
  t.is(status.lcus.length, 1_000);
  t.like(status.summary, { active: 1_000, attention: 1, down: 0, late: 0 });
  t.like(status.lcus[0], {
    lcuId: 'lcu-0007',
    level: 'attention',
    backlog: 4,
    agentVersion: '0.1.0',
    clock: { quality: 'synchronised' },
  });
  t.deepEqual(
    status.lcus[0]?.conditions.map(({ code }) => code),
    ['storage-low'],
  );
  t.true(status.lcus[0]!.uptime24h.uptimePercent! > 49 && status.lcus[0]!.uptime24h.uptimePercent! < 51);
  t.deepEqual([status.collector.running, status.troubles], [false, []]);
  t.true(tookMs < MOST_MS, `${Math.round(tookMs)} ms`);
});

test('of one LCU so many lookups are made, however long the ledger is', async (t) => {
  const config = await wideFleet(temporaryFolder(t), 2, Date.now());
  const paths = statePaths(config);
  const state = await openSqliteState({ path: paths.state });
  const uptime = await openSqliteUptime({ path: paths.uptime });
  const ledger = await openSqliteLedgerReader(paths.ledger);
  t.teardown(() => [state, uptime, ledger].forEach((one) => one.close()));
  const asked: string[] = [];
  const counted = <T extends object>(store: T): T =>
    new Proxy(store, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => (asked.push(String(name)), Reflect.apply(value, target, args) as unknown);
      },
    });
  const marks = { mark: () => ({ mark: 'approved' as const }) };
  const sources: FactSources = {
    fleet: counted(state.fleet),
    derived: counted(state.derived),
    ageLosses: counted(state.ageLosses),
    uptime: counted(uptime),
    ledger: counted(ledger),
    releases: marks,
    platforms: marks,
  };
  const nowMs = Date.now();
  readFacts(state.fleet.list()[0]!, sources, { nowMs, settledMs: nowMs, roundMs: 300_000 }, (error) => t.fail(String(error)));
  t.deepEqual(asked.toSorted(), [
    'contact',
    'isContactLost',
    // Since it has a backlog, which may be withheld.
    'judgements',
    'keyHistory',
    'latest',
    'newestAnswer',
    'platform',
    'runs',
    'table',
  ]);
});

test('what cannot be read is told, and the rest is shown', async (t) => {
  const config = await wideFleet(temporaryFolder(t), 3, Date.now());
  const { ledger, uptime } = statePaths(config);
  for (const name of readdirSync(ledger)) {
    if (name.endsWith('.db')) truncateSync(join(ledger, name), 5_000);
    else rmSync(join(ledger, name));
  }
  for (const end of ['', '-wal', '-shm']) rmSync(uptime + end, { force: true });
  writeFileSync(uptime, 'not a database, whatever it was meant to be, and long enough to be looked into');
  const status = await readFleetStatus(config);
  t.is(status.lcus.length, 3);
  t.like(status.lcus[0], { verdict: { code: 'ok' }, clock: null, backlog: 4 });
  t.true(status.troubles.length >= 2, JSON.stringify(status.troubles));
  t.true(status.troubles.every(({ code }) => code === 'ledger-corrupt'));
});

test('a collector that holds its socket and does not answer is told, and the fleet is shown', async (t) => {
  const config = await wideFleet(temporaryFolder(t), 1, Date.now());
  mkdirSync(config.runDir, { recursive: true });
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(join(config.runDir, 'control.sock'), resolve));
  t.teardown(() => silent.close());
  const status = await readFleetStatus(config);
  t.like(status.collector, { running: true, connectedCount: null });
  t.deepEqual(
    status.troubles.map(({ code }) => code),
    ['loop-stuck'],
  );
  t.is(status.lcus.length, 1);
});

test('an LCU that is not there is refused', async (t) => {
  const config = await wideFleet(temporaryFolder(t), 1, Date.now());
  t.is(codeOf(await t.throwsAsync(readFleetStatus(config, 'nobody'))), 'lcu-unknown');
  t.is((await readFleetStatus(config, 'lcu-0000')).lcus.length, 1);
});

breakingDiskTest('while the disk of a running collector takes no writes its fleet is told', async (t) => {
  const disk = breakingDisk(t, 64);
  const config = await wideFleet(disk.folder, 2, Date.now());
  const paths = statePaths(config);
  const state = await openSqliteState({ path: paths.state });
  const uptime = await openSqliteUptime({ path: paths.uptime });
  const ledger = await openSqliteLedger({ folder: paths.ledger });
  t.teardown(() => [state, uptime, ledger].forEach((one) => one.close()));
  // What a collector that serves has open.
  t.is([...ledger.rowsFrom(0)].length, 24);
  disk.break();
  const status = await readFleetStatus(config);
  t.is(status.lcus.length, 2);
  t.is(status.lcus[0]?.verdict?.code, 'ok');
  t.true(status.lcus[0]!.uptime24h.roundsUp > 140);
  t.deepEqual(status.troubles, []);
});
