import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type ErrorCode, FarolaError, kidOf, toHex } from '@farola/shared';
import type { Decision, Enrolment, Fleet, Lcu } from '@farola/collector/fleet/fleet.js';
import { openSqliteState } from '@farola/collector/fleet/sqlite-state.js';
import { MemoryFleet } from '../fakes/memory-fleet.js';
import { temporaryFolder } from '../fakes/temporary-folder.js';

const FLEETS: Readonly<Record<string, (t: ExecutionContext) => Promise<Fleet>>> = {
  async sqlite(t) {
    const folder = temporaryFolder(t);
    const state = await openSqliteState({ path: join(folder, 'state.db') });
    t.teardown(() => state.close());
    return state.fleet;
  },
  memory: async () => new MemoryFleet(),
};

const T0 = Date.UTC(2026, 10, 22);
const EXPIRES = T0 + 3_600_000;
const hash = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

/** An enrolment of `malaga-1` with token 1 and key 1 a second after the invitation. */
function enrolment(change: Partial<Enrolment> = {}): Enrolment {
  return {
    lcuId: 'malaga-1',
    tokenHash: hash(1),
    publicKey: hash(101),
    request: Uint8Array.of(1, 2, 3),
    words: ['one', 'two', 'three', 'four', 'five', 'six'],
    assurance: 0,
    atMs: T0 + 1000,
    ...change,
  };
}

function invite(fleet: Fleet, lcuId = 'malaga-1', token = 1, panel = 'plaza-mayor', atMs = T0): Lcu {
  return fleet.invite(lcuId, panel, { tokenHash: hash(token), expiresAtMs: EXPIRES }, atMs);
}

function refused(t: ExecutionContext, code: ErrorCode, run: () => unknown): FarolaError['facts'] {
  const error = t.throws(run, { instanceOf: FarolaError });
  t.is(error.code, code);
  return error.facts;
}

for (const [name, open] of Object.entries(FLEETS)) {
  test(`${name}: an LCU is invited, enrols, and is approved`, async (t) => {
    const fleet = await open(t);
    const invited = invite(fleet);
    t.like(invited, { lcuNo: 0, lcuId: 'malaga-1', state: 'invited', panel: 'plaza-mayor', addedAtMs: T0, key: undefined });
    t.is(fleet.words('malaga-1'), undefined);

    const pending = fleet.enrol(enrolment());
    t.is(pending.state, 'pending');
    t.is(toHex(pending.key!.publicKey), toHex(hash(101)));
    t.deepEqual(fleet.words('malaga-1'), enrolment().words);
    t.is(fleet.invitation(hash(1))?.usedAtMs, T0 + 1000);

    const active = fleet.approve('malaga-1', T0 + 5000);
    t.is(active.state, 'active');
    t.like(active.key, { fromMs: T0 + 5000, toMs: null });
    t.is(fleet.findByKid(kidOf(hash(101)))?.lcuId, 'malaga-1');
    t.deepEqual(
      fleet.keyHistory(0).map(({ fromMs, request }) => [fromMs, toHex(request)]),
      [[T0 + 5000, '010203']],
    );
    t.deepEqual(fleet.find('malaga-1'), active);
  });

  test(`${name}: decisions lead where the table says, and refuse the rest`, async (t) => {
    const fleet = await open(t);
    const decide = (decision: Decision, atMs = T0 + 9000): Lcu =>
      fleet.decide('malaga-1', { decision, atMs, reason: 'seen', by: 'ana' });
    refused(t, 'lcu-unknown', () => decide('retired'));
    invite(fleet);
    t.like(
      refused(t, 'decision-unfit', () => decide('quarantined')),
      { state: 'invited', from: 'active' },
    );
    fleet.enrol(enrolment());
    t.is(fleet.approve('malaga-1', T0 + 5000).standing, null);
    refused(t, 'decision-unfit', () => decide('released'));
    const version = fleet.version();
    const quarantined = decide('quarantined');
    t.is(quarantined.state, 'quarantined');
    t.deepEqual(quarantined.standing, { decision: 'quarantined', atMs: T0 + 9000, reason: 'seen', by: 'ana' });
    t.true(fleet.version() > version);
    refused(t, 'lcu-exists', () => invite(fleet, 'malaga-1', 2));
    t.is(decide('released').state, 'active');
    const revoked = decide('revoked', T0 + 10_000);
    t.is(revoked.state, 'revoked');
    t.is(revoked.key?.toMs, T0 + 10_000);
    t.is(fleet.findByKid(kidOf(hash(101)))?.state, 'revoked');
    refused(t, 'decision-unfit', () => decide('released'));
    refused(t, 'decision-unfit', () => decide('retired'));
    t.deepEqual(fleet.find('malaga-1'), revoked);
  });

  for (const decision of ['revoked', 'retired'] as const) {
    test(`${name}: an LCU that was ${decision} is enrolled anew under its name and number, with another key`, async (t) => {
      const fleet = await open(t);
      invite(fleet);
      fleet.enrol(enrolment());
      fleet.approve('malaga-1', T0 + 5000);
      fleet.decide('malaga-1', { decision, atMs: T0 + 6000, reason: 'stolen', by: 'ana' });
      t.like(invite(fleet, 'malaga-1', 2, 'plaza-mayor', T0 + 7000), { lcuNo: 0, state: 'invited' });
      refused(t, 'key-in-use', () => fleet.enrol(enrolment({ tokenHash: hash(2), atMs: T0 + 8000 })));
      fleet.enrol(enrolment({ tokenHash: hash(2), publicKey: hash(102), atMs: T0 + 8000 }));
      const again = fleet.approve('malaga-1', T0 + 9000);
      t.like(again, { state: 'active', standing: null });
      t.is(toHex(again.key!.publicKey), toHex(hash(102)));
      t.is(fleet.findByKid(kidOf(hash(101))), undefined);
      t.deepEqual(
        fleet.keyHistory(0).map(({ fromMs, toMs }) => [fromMs - T0, toMs === null ? null : toMs - T0]),
        [
          [5000, 6000],
          [9000, null],
        ],
      );
    });
  }

  test(`${name}: a decision ends an invitation that is open`, async (t) => {
    const fleet = await open(t);
    invite(fleet);
    t.is(fleet.decide('malaga-1', { decision: 'retired', atMs: T0 + 500, reason: 'no panel', by: 'ana' }).state, 'retired');
    refused(t, 'token-replaced', () => fleet.enrol(enrolment()));
  });

  test(`${name}: LCUs are numbered in order from 0 and listed by name`, async (t) => {
    const fleet = await open(t);
    const names = ['malaga-2', 'malaga-1', 'almeria-9'];
    t.deepEqual(
      names.map((lcuId, i) => invite(fleet, lcuId, i + 1).lcuNo),
      [0, 1, 2],
    );
    invite(fleet, 'malaga-1', 9);
    t.is(invite(fleet, 'zuheros', 10).lcuNo, 3);
    t.deepEqual(
      fleet.list().map(({ lcuId }) => lcuId),
      ['almeria-9', 'malaga-1', 'malaga-2', 'zuheros'],
    );
  });

  for (const [lcuId, panel, what] of [
    ['Málaga', 'p', 'LCU'],
    ['', 'p', 'LCU'],
    ['m', 'plaza mayor', 'panel'],
    ['m', '-p', 'panel'],
  ] as const) {
    test(`${name}: refuses the LCU \`${lcuId}\` in panel \`${panel}\``, async (t) => {
      const fleet = await open(t);
      t.is(refused(t, 'name-invalid', () => invite(fleet, lcuId, 1, panel))['what'], what);
      t.deepEqual(fleet.list(), []);
    });
  }

  test(`${name}: a new invitation ends the one before`, async (t) => {
    const fleet = await open(t);
    invite(fleet);
    invite(fleet, 'malaga-1', 2, 'plaza-mayor', T0 + 500);
    refused(t, 'token-replaced', () => fleet.enrol(enrolment()));
    refused(t, 'token-replaced', () => fleet.enrol(enrolment({ atMs: T0 + 500 })));
    t.truthy(fleet.invitation(hash(1)));
    t.is(fleet.enrol(enrolment({ tokenHash: hash(2) })).state, 'pending');
  });

  test(`B13: ${name}: an LCU whose key was approved is not invited again`, async (t) => {
    const fleet = await open(t);
    invite(fleet);
    fleet.enrol(enrolment());
    fleet.approve('malaga-1', T0 + 2000);
    t.deepEqual(
      refused(t, 'lcu-exists', () => invite(fleet, 'malaga-1', 2)),
      { lcu: 'malaga-1', state: 'active' },
    );
    t.is(fleet.invitation(hash(2)), undefined);
  });

  test(`${name}: a new invitation drops a pending key, which was never in force`, async (t) => {
    const fleet = await open(t);
    invite(fleet);
    fleet.enrol(enrolment());
    invite(fleet, 'malaga-1', 2);
    t.like(fleet.find('malaga-1'), { state: 'invited', key: undefined });
    t.is(fleet.words('malaga-1'), undefined);
    t.deepEqual(
      fleet.keyHistory(0).map(({ fromMs, toMs }) => toMs === fromMs),
      [true],
    );
    refused(t, 'token-used', () => fleet.enrol(enrolment()));
    refused(t, 'key-in-use', () => fleet.enrol(enrolment({ tokenHash: hash(2) })));
    t.is(fleet.enrol(enrolment({ tokenHash: hash(2), publicKey: hash(102) })).state, 'pending');
    t.is(fleet.approve('malaga-1', T0 + 2000).state, 'active');
  });

  test(`${name}: refuses an unknown token`, async (t) => {
    const fleet = await open(t);
    invite(fleet);
    refused(t, 'token-unknown', () => fleet.enrol(enrolment({ tokenHash: hash(7) })));
    t.is(fleet.find('malaga-1')?.state, 'invited');
  });

  test(`${name}: refuses the token of another LCU, known or not`, async (t) => {
    const fleet = await open(t);
    invite(fleet);
    invite(fleet, 'malaga-2', 2);
    const facts = refused(t, 'token-foreign', () => fleet.enrol(enrolment({ tokenHash: hash(2) })));
    t.deepEqual(facts, { named: 'malaga-2', expected: 'malaga-1' });
    refused(t, 'token-foreign', () => fleet.enrol(enrolment({ lcuId: 'malaga-3' })));
  });

  test(`${name}: a token lives up to and including its last millisecond`, async (t) => {
    const fleet = await open(t);
    invite(fleet);
    const facts = refused(t, 'token-expired', () => fleet.enrol(enrolment({ atMs: EXPIRES + 1 })));
    t.is(facts['expired'], '2026-11-22T01:00:00.000Z');
    t.is(fleet.enrol(enrolment({ atMs: EXPIRES })).state, 'pending');
  });

  test(`${name}: the same key with the same token again, while pending, brings its newer words`, async (t) => {
    const fleet = await open(t);
    invite(fleet);
    const first = fleet.enrol(enrolment());
    const again = fleet.enrol(enrolment({ atMs: EXPIRES + 5, words: ['others'], request: Uint8Array.of(9) }));
    t.deepEqual({ ...again, key: undefined }, { ...first, key: undefined });
    t.deepEqual(again.key?.request && toHex(again.key.request), '09');
    t.deepEqual(fleet.words('malaga-1'), ['others']);
    t.is(fleet.keyHistory(0).length, 1);
    fleet.approve('malaga-1', T0 + 2000);
    refused(t, 'token-used', () => fleet.enrol(enrolment()));
  });

  test(`B13: ${name}: a used token brings no other key`, async (t) => {
    const fleet = await open(t);
    invite(fleet);
    fleet.enrol(enrolment());
    refused(t, 'token-used', () => fleet.enrol(enrolment({ publicKey: hash(102) })));
    t.is(toHex(fleet.find('malaga-1')!.key!.publicKey), toHex(hash(101)));
  });

  test(`B14: ${name}: one key belongs to one LCU`, async (t) => {
    const fleet = await open(t);
    invite(fleet);
    invite(fleet, 'malaga-2', 2);
    fleet.enrol(enrolment());
    refused(t, 'key-in-use', () => fleet.enrol(enrolment({ lcuId: 'malaga-2', tokenHash: hash(2) })));
    t.is(fleet.find('malaga-2')?.state, 'invited');
    t.is(fleet.invitation(hash(2))?.usedAtMs, null);
  });

  test(`${name}: approves only what is pending`, async (t) => {
    const fleet = await open(t);
    refused(t, 'lcu-unknown', () => fleet.approve('malaga-1', T0));
    invite(fleet);
    t.is(refused(t, 'lcu-not-pending', () => fleet.approve('malaga-1', T0))['state'], 'invited');
    fleet.enrol(enrolment());
    fleet.approve('malaga-1', T0 + 2000);
    t.is(refused(t, 'lcu-not-pending', () => fleet.approve('malaga-1', T0 + 3000))['state'], 'active');
    t.is(fleet.find('malaga-1')?.key?.fromMs, T0 + 2000);
  });

  test(`${name}: the version rises with each change and only then`, async (t) => {
    const fleet = await open(t);
    const seen = [fleet.version()];
    const note = (run: () => unknown): void => {
      run();
      seen.push(fleet.version());
    };
    note(() => invite(fleet));
    note(() => fleet.enrol(enrolment()));
    note(() => fleet.approve('malaga-1', T0));
    t.deepEqual(
      seen,
      [...new Set(seen)].sort((a, b) => a - b),
    );
    t.throws(() => fleet.approve('malaga-1', T0));
    fleet.list();
    t.is(fleet.version(), seen[3]!);
  });

  test(`${name}: what is not there is undefined or empty`, async (t) => {
    const fleet = await open(t);
    t.is(fleet.find('malaga-1'), undefined);
    t.is(fleet.findByKid(kidOf(hash(1))), undefined);
    t.is(fleet.invitation(hash(1)), undefined);
    t.deepEqual(fleet.list(), []);
    t.deepEqual(fleet.keyHistory(5), []);
  });
}
