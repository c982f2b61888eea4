import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { openSqliteState } from '@farola/collector/fleet/sqlite-state.js';
import { openSqliteLedgerReader } from '@farola/collector/ledger/sqlite-ledger-reader.js';
import { encodeEntry, pause, systemTimers, toHex } from '@farola/shared';
import { LCU } from '#scripts/demo/set-up.js';
import { openTestJournal, sampleEntry } from '../fakes/test-journal.js';
import { counts, openStage, type Stage, until } from './stage.js';
import { backlogOf, ledgerOf } from './stored.js';

/** Samples of each analyser while the collector was down, and how many analysers there are. */
const SAMPLES = process.env['FAROLA_LONG'] === '1' ? 8_640 : 1_500;
const ANALYSERS = 2;
const MINUTE_MS = 60_000;
/** What either program may grow while it hands over or takes the backlog, MB. Garbage is collected when V8 sees fit. */
const GROWTH_MB = 64;

async function rssMb(pid: number): Promise<number> {
  return Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

async function highestMb(pid: number): Promise<number> {
  return Number(/VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** Samples a minute apart, up to now, in an epoch of the agent's journal; the agent must not run. */
async function fill(stage: Stage): Promise<Map<string, string>> {
  const journal = await openTestJournal(join(stage.folder, 'agent'), { lcuId: LCU });
  const written = new Map<string, string>();
  const startedMs = Date.now() - SAMPLES * MINUTE_MS;
  for (let minute = 0; minute < SAMPLES; minute++) {
    for (let analyser = 0; analyser < ANALYSERS; analyser++) {
      const at = { monoMs: minute * MINUTE_MS, wallMs: startedMs + minute * MINUTE_MS, quality: 'synchronised' } as const;
      const entry = { ...sampleEntry(minute, 40, at), analyser };
      written.set(`${toHex(journal.epoch)}/${journal.append(entry)}`, toHex(encodeEntry(entry)));
    }
  }
  journal.close();
  return written;
}

test(`D35: a collector that was down for ${SAMPLES} samples of ${ANALYSERS} analysers gets each once, the newest first, in bounded memory`, async (t) => {
  t.timeout(900_000);
  const stage = await openStage(t, { pollSeconds: 300 });
  const collector = await stage.startCollector();
  await stage.enrol();
  const written = await fill(stage);
  const collectorMb = await rssMb(collector.pid);
  const started = performance.now();
  const agent = stage.startAgent();
  await until(async () => (await counts(stage)).connected === 1, 'the LCU connects');
  const agentMb = await rssMb(agent.pid);
  const connected = performance.now();
  await until(async () => (await counts(stage)).rounds >= 1, 'one round, in which all is collected');
  const seconds = (performance.now() - connected) / 1000;
  await pause(systemTimers, 1_500);
  const grown = { agent: (await highestMb(agent.pid)) - agentMb, collector: (await highestMb(collector.pid)) - collectorMb };
  t.is(await backlogOf(stage), 0);
  t.is(await agent.stop(), 0);
  t.is(await collector.stop(), 0);

  const stored = await ledgerOf(stage);
  t.is([...written].filter(([id, bytes]) => stored.get(id) !== bytes).length, 0, 'every sample, as it was written');
  const state = await openSqliteState({ path: stage.paths.stateDb });
  const lcuNo = state.fleet.find(LCU)!.lcuNo;
  const live = state.derived.latest(lcuNo);
  state.close();
  const reader = await openSqliteLedgerReader(join(stage.folder, 'collector', 'ledger'));
  const rows = [...reader.rowsFrom(0)];
  reader.close();
  const past = [...written.keys()][0]!.split('/')[0];
  t.not(toHex(rows[0]!.epoch), past, 'the first answer is of the present epoch');
  t.is(live.length, ANALYSERS, 'the newest of each analyser is there at once');
  t.true(
    live.every(({ epoch }) => toHex(epoch) !== past),
    'nothing of the backlog is shown as live',
  );
  t.true(rows.length <= 512, `${rows.length} answers in one slot`);
  t.true(grown.agent < GROWTH_MB && grown.collector < GROWTH_MB, JSON.stringify(grown));
  t.log(
    `${written.size} samples in ${rows.length} answers and ${seconds.toFixed(1)} s after the connection, ` +
      `${((connected - started) / 1000).toFixed(1)} s after the start; at most ${grown.agent.toFixed(0)} MB more in the agent, ` +
      `${grown.collector.toFixed(0)} MB in the collector`,
  );
});
