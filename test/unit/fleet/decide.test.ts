import test from 'ava';
import { standingOf } from '@farola/collector/fleet/counting.js';
import { decideStanding, repairStandings } from '@farola/collector/fleet/decide.js';
import type { Decision } from '@farola/collector/fleet/fleet.js';
import { MemoryFleet } from '../../fakes/memory-fleet.js';
import { MemoryLedger } from '../../fakes/memory-ledger.js';

const ID = 'malaga-0042';

/** An LCU that was approved at 1000 with the key of this byte. */
function enrol(fleet: MemoryFleet, byte = 1, atMs = 1000): void {
  const key = new Uint8Array(32).fill(byte);
  fleet.invite(ID, 'alameda-7', { tokenHash: key, expiresAtMs: atMs }, atMs);
  fleet.enrol({ lcuId: ID, tokenHash: key, publicKey: key, request: key, words: ['a'], assurance: 0, atMs });
  fleet.approve(ID, atMs);
}

/** A fleet as its backup has it, after these decisions, and the ledger that knows all of them. */
function restored(known: readonly [Decision, number][], missed: readonly [Decision, number][]) {
  const ledger = new MemoryLedger();
  const [whole, fleet] = [new MemoryFleet(), new MemoryFleet()];
  enrol(whole);
  enrol(fleet);
  const standing = (decision: Decision, atMs: number) => ({ decision, atMs, reason: `because ${atMs}`, by: 'ana' });
  for (const [decision, atMs] of known) fleet.decide(ID, standing(decision, atMs));
  for (const [decision, atMs] of [...known, ...missed]) decideStanding({ ledger, fleet: whole }, ID, standing(decision, atMs));
  return { ledger, fleet, whole };
}

const CASES: Readonly<Record<string, readonly [known: readonly [Decision, number][], missed: readonly [Decision, number][]]>> = {
  'a quarantine': [[], [['quarantined', 2000]]],
  'a quarantine that was released since': [
    [],
    [
      ['quarantined', 2000],
      ['released', 3000],
    ],
  ],
  'a release': [[['quarantined', 2000]], [['released', 3000]]],
  'all that followed a release': [
    [
      ['quarantined', 2000],
      ['released', 3000],
    ],
    [
      ['quarantined', 4000],
      ['released', 5000],
      ['quarantined', 6000],
      ['revoked', 7000],
    ],
  ],
  'a release by a clock that had been put back': [[['quarantined', 3_600_000]], [['released', 5000]]],
};

for (const [what, [known, missed]] of Object.entries(CASES)) {
  test(`security: a restored state file takes in what it lacks: ${what}`, (t) => {
    const { ledger, fleet, whole } = restored(known, missed);
    t.deepEqual(repairStandings(fleet, ledger), [ID]);
    t.deepEqual(fleet.find(ID), whole.find(ID));
    t.deepEqual(repairStandings(fleet, ledger), [], 'once');
  });
}

test('security: of an epoch that began before a release nothing counts, also after the state file was restored', (t) => {
  const { ledger, fleet } = restored(
    [],
    [
      ['quarantined', 2000],
      ['released', 3000],
    ],
  );
  repairStandings(fleet, ledger);
  t.deepEqual(standingOf(fleet.find(ID)!), { counts: true, fromEpochAfterMs: 3000, sinceMs: 3000 });
});

test('what was decided of a key that the state file has lost ends with the key that it knows', (t) => {
  const { ledger, fleet, whole } = restored(
    [],
    [
      ['quarantined', 2000],
      ['revoked', 3000],
    ],
  );
  enrol(whole, 2, 4000);
  decideStanding({ ledger, fleet: whole }, ID, { decision: 'quarantined', atMs: 5000, reason: 'x', by: 'ana' });
  t.deepEqual(repairStandings(fleet, ledger), [ID]);
  t.like(fleet.find(ID), { state: 'revoked', standing: { decision: 'revoked', atMs: 3000 } });
});

test('a state file that lacks nothing stays as it is, also with a key that was approved after a revocation', (t) => {
  const { ledger, whole } = restored([], [['revoked', 2000]]);
  t.deepEqual(repairStandings(whole, ledger), []);
  enrol(whole, 2, 3000);
  const before = whole.find(ID);
  t.deepEqual(repairStandings(whole, ledger), []);
  t.deepEqual(whole.find(ID), before);
});
