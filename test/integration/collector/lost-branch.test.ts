import { join } from 'node:path';
import test from 'ava';
import { chainSeed, encodeEntry, WANT } from '@farola/shared';
import { branchId } from '@farola/collector/branch-id.js';
import { told } from '../../fakes/audit-scene.js';
import { auditRig } from '../../fakes/audited-rig.js';
import { ROUND_MS } from '../../fakes/collector-rig.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { codes, ID, run, twins, visit } from '../../fakes/twins.js';

/** Entries of the epoch that unit and thief have alike, and those that the unit wrote behind them. */
const [SHARED, OWN] = [10, 5];

for (const delivered of [2, OWN, 20]) {
  test(`security: an epoch that its start names is asked, where the ${SHARED + delivered} entries that are stored of it are of another unit`, async (t) => {
    const ledger = join(temporaryFolder(t), 'ledger');
    const { rig, unit, thief } = await twins(t, SHARED, { ledger });
    await run(rig, thief, delivered, 666);
    await visit(rig, thief);
    await run(rig, unit, OWN, 2);
    const { epoch, entries, heads } = unit.present;
    unit.beginEpoch();
    await run(rig, unit, 1, 2);
    // What it delivered of that epoch was acknowledged by a collector whose disk is lost.
    unit.listsAll = false;
    await visit(rig, unit);
    await rig.time.advance(ROUND_MS);
    const [first, second] = [epoch, branchId(epoch, 1)].map((id) => rig.ledger.holding(0, id).runs);
    t.deepEqual(
      [first, second].map((runs) => runs?.map(({ from, to }) => [from, to])),
      [[[1, SHARED + delivered]], [[1, entries.length]]],
    );
    t.deepEqual(rig.ledger.headAt(0, branchId(epoch, 1), entries.length), heads.at(-1));
    t.true(codes(rig).includes('chain-fork') && codes(rig).includes('quarantined'));
    t.deepEqual(told(await auditRig(rig, ledger)), []);
    const polls = unit.polls.length;
    await visit(rig, unit);
    t.is(unit.polls.length, polls + 1, 'a new connection asks nothing of it: the named head tells which chain is the unit’s');
  });
}

test('security: an epoch that a start names with a head that nobody has is asked once in a connection', async (t) => {
  const { rig, unit, thief } = await twins(t, SHARED);
  await run(rig, thief, 20, 666);
  await visit(rig, thief);
  await run(rig, unit, OWN, 2);
  unit.beginEpoch();
  unit.epochs.shift();
  await visit(rig, unit);
  await rig.time.advance(3 * ROUND_MS);
  t.is(unit.polls.filter(({ want }) => want[0] === WANT.range).length, 1);
});

for (const n of [0, 1, 2 ** 48]) {
  test(`security: a start that names entry ${n} of its own epoch, with a head of nobody, costs one question at most`, async (t) => {
    const { rig, unit } = await twins(t, SHARED);
    const epoch = new Uint8Array(8).fill(9);
    const own = encodeEntry({
      kind: 'start',
      at: rig.time.now(),
      boot: unit.options.boot,
      previous: { epoch, n, head: new Uint8Array(32).fill(3) },
      codeHash: null,
      configHash: new Uint8Array(32),
      agentVersion: 'x',
      analysers: [],
    });
    unit.epochs.push({ epoch, entries: [], heads: [chainSeed(ID, epoch)], floor: 0 });
    unit.appendBytes(own);
    await run(rig, unit, 3, 1);
    await visit(rig, unit);
    await rig.time.advance(2 * ROUND_MS);
    t.true(unit.polls.filter(({ want }) => want[0] === WANT.range && want[1][0] === 9).length <= 1);
    t.false(rig.log.some(({ fields }) => fields['code'] === 'internal'));
    t.is(rig.contact(rig.fleet.find(ID)!)?.verdict, 'ok');
  });
}
