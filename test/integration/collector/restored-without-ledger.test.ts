import { rmSync } from 'node:fs';
import test from 'ava';
import { readFleetStatus } from '@farola/collector/cli/read-fleet-status.js';
import { showLcu } from '@farola/collector/cli/lcu.js';
import { loadCollectorConfig } from '@farola/collector/config/fs-config.js';
import { readingsBetween } from '@farola/collector/api/query-readings.js';
import { countsAt } from '@farola/collector/fleet/counts-at.js';
import { decideStanding, repairDecisions, repairStandings } from '@farola/collector/fleet/decide.js';
import type { Decision } from '@farola/collector/fleet/fleet.js';
import { rebuildDerived } from '@farola/collector/fleet/rebuild-derived.js';
import { lostRows, recountStored } from '@farola/collector/main/recount-stored.js';
import { type SampleEntry, toHex } from '@farola/shared';
import type { SimulatedLcu } from '#scripts/simulated-lcu.js';
import { type CollectorRig, ROUND_MS } from '../../fakes/collector-rig.js';
import { FakeTime } from '../../fakes/fake-time.js';
import { collectorOnDisk } from '../../fakes/stopped-collector.js';
import { testSigner } from '../../fakes/test-signer.js';

const ID = 'malaga-0042';

async function sampled(rig: CollectorRig, lcu: SimulatedLcu): Promise<string> {
  await rig.time.advance(60_000);
  const sample: SampleEntry = { kind: 'sample', at: rig.time.now(), analyser: 0, spanMs: 1, status: 'complete', values: [1] };
  lcu.append(sample);
  await rig.time.advance(ROUND_MS);
  return `${toHex(lcu.present.epoch)} ${lcu.present.entries.length}`;
}

async function decide(rig: CollectorRig, decision: Decision): Promise<void> {
  decideStanding(rig, ID, { decision, atMs: rig.time.now().wallMs, reason: 'as the test says', by: 'ana' });
  rig.polls.review((lcuId) => rig.fleet.find(lcuId));
  await rig.time.advance(1_000);
}

/** Every sample, and whether it counts, in the order of their names. */
function read({ ledger, state: { derived, fleet }, writer, time }: CollectorRig): Record<string, boolean> {
  writer.flush();
  const { wallMs } = time.now();
  const source = { ledger, derived, countsAt: countsAt(ledger, derived) };
  const span = { fromMs: 0, toMs: wallMs, untilMs: wallMs };
  const all = [...readingsBetween(source, { lcu: fleet.find(ID)! }, span)];
  return Object.fromEntries(all.map(({ epoch, n, counts }) => [`${epoch} ${n}`, counts]));
}

/** What a start does with fleet and ledger (main.ts). */
function start({ ledger, state: { fleet, derived } }: CollectorRig): { readonly isRecounted: boolean } {
  repairStandings(fleet, ledger);
  repairDecisions(fleet, ledger);
  const isRecounted = lostRows(ledger, derived);
  rebuildDerived({ ledger, derived });
  if (isRecounted) recountStored({ ledger, derived, fleet });
  return { isRecounted };
}

test('security: what counted and what did not is the same on a server that was restored without the ledger', async (t) => {
  const time = new FakeTime();
  const disk = await collectorOnDisk(t, time);
  const { rig } = disk;
  const lcu = rig.simulate(ID, 2);
  const enrolled = rig.enrol(ID, testSigner(2));
  rig.connect(lcu);
  const expected: Record<string, boolean> = {};
  expected[await sampled(rig, lcu)] = true;
  expected[await sampled(rig, lcu)] = true;
  await decide(rig, 'quarantined');
  expected[await sampled(rig, lcu)] = false;
  await decide(rig, 'released');
  expected[await sampled(rig, lcu)] = false;
  lcu.beginEpoch();
  rig.connect(lcu);
  expected[await sampled(rig, lcu)] = true;
  t.deepEqual(read(rig), expected);
  rig.tick();
  const stored = rig.contact(enrolled)!.entriesStored;
  await rig.close();

  rmSync(disk.paths.ledger, { recursive: true });
  const restored = await disk.reopen();
  t.true(start(restored).isRecounted);
  t.is(restored.contact(enrolled)?.entriesStored, 0);
  t.deepEqual(
    restored.ledger.judgements(enrolled.lcuNo).map(({ code }) => code),
    ['quarantined', 'released'],
  );
  start(restored);
  t.is(restored.ledger.judgements(enrolled.lcuNo).length, 2, 'they are noted once');
  restored.connect(lcu);
  await time.advance(2 * ROUND_MS);
  t.deepEqual(read(restored), expected, 'all of it was delivered again');
  restored.tick();
  t.is(restored.contact(enrolled)!.entriesStored, stored, 'and counted once');
  await restored.close();

  const lines: string[] = [];
  await showLcu(ID, { config: disk.config, out: (line) => lines.push(line) });
  t.is(lines.filter((line) => /^(quarantined|released) .* by ana: as the test says$/.test(line)).length, 2, lines.join('\n'));
  t.regex(lines.join('\n'), /\nkey +[0-9a-f]{64} since /);

  for (const suffix of ['', '-wal', '-shm']) rmSync(disk.paths.state + suffix, { force: true });
  const { troubles } = await readFleetStatus(await loadCollectorConfig(disk.config));
  t.deepEqual(
    troubles.map(({ code }) => code),
    ['fleet-lost'],
  );
});
