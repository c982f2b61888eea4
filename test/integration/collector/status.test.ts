import { mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test from 'ava';
import { readFleetStatus } from '@farola/collector/cli/read-fleet-status.js';
import { printStatus } from '@farola/collector/cli/status.js';
import { statePaths } from '@farola/collector/config/state-paths.js';
import { decideStanding } from '@farola/collector/fleet/decide.js';
import { openSqliteState } from '@farola/collector/fleet/sqlite-state.js';
import { openSqliteLedgerReader } from '@farola/collector/ledger/sqlite-ledger-reader.js';
import { readFacts, type FactSources } from '@farola/collector/status/read-facts.js';
import { openSqliteUptime } from '@farola/collector/uptime/sqlite-uptime.js';
import { codeOf, type FarolaError } from '@farola/shared';
import { openSqliteLedger } from '@farola/collector/ledger/sqlite-ledger.js';
import { breakingDiskTest } from '../../fakes/disk-test.js';
import { collectorOnDisk } from '../../fakes/stopped-collector.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { testSigner } from '../../fakes/test-signer.js';
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
  const { collectorId, publicAddress, stateDir, runDir } = config;
  const file = join(stateDir, 'collector.yaml');
  writeFileSync(file, JSON.stringify({ collectorId, publicAddress, stateDir, runDir }));
  const checked = await t.throwsAsync<FarolaError>(printStatus({ config: file, out: () => undefined, check: true }));
  t.deepEqual([checked.code, checked.exit], ['collector-attention', 1]);
  t.regex(checked.message, /^the collector itself needs attention: the \S+ has not got on/);
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

test('of an LCU in quarantine it is told since when, by whom and what was found; a person says why by himself', async (t) => {
  const { config, rig } = await collectorOnDisk(t);
  const [found, decided] = ['malaga-0042', 'malaga-0043'];
  const { lcuNo } = rig.enrol(found, testSigner(1));
  rig.enrol(decided, testSigner(2));
  const atMs = Date.UTC(2026, 10, 22, 18);
  const facts = { epoch: 'ab'.repeat(16), from: 7, to: 9, at: 9 };
  rig.ledger.judge({ lcuNo, judgedAtMs: atMs - 1, code: 'chain-fork', facts: { ...facts, from: 1 }, key: null, kept: null });
  rig.ledger.judge({ lcuNo, judgedAtMs: atMs, code: 'chain-fork', facts, key: null, kept: null });
  decideStanding(rig, found, { decision: 'quarantined', atMs, reason: 'chain-fork', by: 'collector' });
  decideStanding(rig, decided, { decision: 'quarantined', atMs, reason: 'seal broken', by: 'ana' });
  await rig.close();
  const told = async (lcuId?: string): Promise<string[]> => {
    const lines: string[] = [];
    await printStatus({ config, out: (line) => lines.push(line), lcuId });
    return lines;
  };
  const advice = (lcuId: string): string =>
    `\`farola-collector --config ${config} status ${lcuId}\` says since when and what was found; a person looks at the unit, then \`farola-collector --config ${config} lcu release ${lcuId} --reason TEXT\``;
  const lines = await told(found);
  t.deepEqual(lines.slice(lines.indexOf('  quarantined: chain-fork (collector), since 2026-11-22T18:00:00Z')).slice(1, 3), [
    `    7..9 contradicts what is stored of epoch ${facts.epoch}; the LCU was cloned, or its journal was altered`,
    `    ${advice(found)}`,
  ]);
  const person = await told(decided);
  t.is(person[person.indexOf('  quarantined: seal broken (ana), since 2026-11-22T18:00:00Z') + 1], `    ${advice(decided)}`);
  t.true((await told()).some((line) => line === `quarantined (${found} and 1 more): ${advice(found)}`));
});
