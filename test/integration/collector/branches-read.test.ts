import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { toHex } from '@farola/shared';
import { readingsBetween } from '@farola/collector/api/query-readings.js';
import { branchId } from '@farola/collector/branch-id.js';
import { countsAt } from '@farola/collector/fleet/counts-at.js';
import { rebuildDerived } from '@farola/collector/fleet/rebuild-derived.js';
import { openSqliteState } from '@farola/collector/fleet/sqlite-state.js';
import { buildProof } from '@farola/collector/proof/build-proof.js';
import type { SimulatedLcu } from '#scripts/simulated-lcu.js';
import { type CollectorRig, ROUND_MS } from '../../fakes/collector-rig.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { analyser } from '../../fakes/test-chain.js';
import { acknowledged, ID, run, type Twins, twins, visit } from '../../fakes/twins.js';
import { signRequest } from '../../verifier/proof-of-lcu.js';
import { verdict } from '../../verifier/run-verifier.js';

/** Both tell of an analyser and of an event in their own way, under one number, and both are stored. */
async function talkative(t: ExecutionContext): Promise<Twins> {
  const pair = await twins(t, 5);
  const { rig, unit, thief } = pair;
  for (const [lcu, id, value] of [
    [thief, 'false', 666],
    [unit, 'mains', 2],
  ] as const) {
    lcu.append({ kind: 'table', at: rig.time.now(), analysers: [analyser(0, id)], retired: [] });
    lcu.append({ kind: 'event', at: rig.time.now(), code: 'config-applied', facts: [id] });
    await run(rig, lcu, 3, value);
    await visit(rig, lcu);
    await rig.time.advance(ROUND_MS);
    t.is(acknowledged(lcu), lcu.present.entries.length);
  }
  return pair;
}

function readings({ ledger, state, writer, fleet, time }: CollectorRig) {
  writer.flush();
  const { wallMs } = time.now();
  const source = { ledger, derived: state.derived, countsAt: countsAt(ledger, state.derived) };
  return [...readingsBetween(source, { lcu: fleet.find(ID)! }, { fromMs: 0, toMs: wallMs, untilMs: wallMs })];
}

test('the samples of both branches are read, each with the table of its own, and those of the second do not count', async (t) => {
  const { rig, unit } = await talkative(t);
  const [epoch] = new Set(readings(rig).map((one) => one.epoch));
  t.is(epoch, toHex(unit.present.epoch));
  const brief = readings(rig).map(({ n, branch, point, counts }) => `${n}/${branch} ${point.split('/')[1]} ${counts}`);
  t.deepEqual(brief.slice(-6), [...[8, 9, 10].map((n) => `${n}/0 false true`), ...[8, 9, 10].map((n) => `${n}/1 mains false`)]);
});

test('events of both branches are told, each once, and after a rebuild all is as it was', async (t) => {
  const { rig, unit } = await talkative(t);
  const { epoch } = unit.present;
  t.deepEqual(
    rig.told.map((event) => [toHex(event.epoch), event.n]),
    [epoch, branchId(epoch, 1)].map((id) => [toHex(id), 7]),
  );
  rig.writer.flush();
  const { derived } = rig.state;
  const state = await openSqliteState({ path: join(temporaryFolder(t), 'state.db') });
  t.teardown(() => state.close());
  const anew = state.derived;
  rebuildDerived({ ledger: rig.ledger, derived: anew });
  t.deepEqual(anew.events(0), derived.events(0));
  t.deepEqual(anew.latest(0), derived.latest(0));
  const facts = (of: typeof derived, id: Uint8Array) => of.table(0, id, () => rig.ledger.sharedOf(0, id));
  for (const id of [epoch, branchId(epoch, 1)]) t.deepEqual(facts(anew, id), facts(derived, id));
  t.is(facts(derived, branchId(epoch, 1))?.boot?.length, 16, 'the start entry is shared');
  t.is(derived.successors(0, null, { limit: 9 }).length, 1);
});

/** What the verifier says of all that is stored. */
function proofOf(t: ExecutionContext, rig: CollectorRig, unit: SimulatedLcu) {
  const { wallMs } = rig.time.now();
  const { signer } = unit.options;
  const request = signRequest({ lcuId: ID, collectorId: 'malaga' }, signer);
  const lcuKeys = [{ publicKey: signer.publicKey, fromMs: 0, toMs: null, request }];
  const { collectorId, rootKey, keys, pollSigner } = rig.identity;
  const rows = rig.ledger.rows(0, 0, wallMs);
  const parts = { collectorId, lcuId: ID, rootKey, keys, lcuKeys, fromMs: 0, toMs: wallMs, rows, issuedAtMs: wallMs };
  return verdict(t, buildProof(parts, pollSigner));
}

test('security: an export with both branches is checked, and says from which entry on they disagree', async (t) => {
  const { rig, unit } = await talkative(t);
  const { code, output } = await proofOf(t, rig, unit);
  t.is(code, 2, output);
  t.regex(output, new RegExp(`\\nepoch ${toHex(unit.present.epoch)} by key [0-9a-f]{16}: entries 1-10\\n`));
  const forks = output.split('\n').filter((line) => line.startsWith('forked: '));
  t.true(
    forks.length > 0 &&
      forks.every((line) => /^forked: row \d+ disagrees with row \d+ about [0-9a-f]{16}, entry \d+$/.test(line)),
  );
  t.true(Math.min(...forks.map((line) => Number(/\d+$/.exec(line)?.[0]))) >= 6, 'what both share is not disputed');
});
