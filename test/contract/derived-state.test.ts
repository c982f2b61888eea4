import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { encodeEntry, toHex } from '@farola/shared';
import type {
  Contact,
  DerivedChange,
  DerivedState,
  EventFact,
  LatestSample,
  NewAnchor,
  TableFact,
} from '@farola/collector/fleet/derived-state.js';
import type { Fleet } from '@farola/collector/fleet/fleet.js';
import { openSqliteState } from '@farola/collector/fleet/sqlite-state.js';
import { MemoryDerived, MemoryFleet } from '../fakes/memory-fleet.js';
import { temporaryFolder } from '../fakes/temporary-folder.js';
import { analyser, sample, start } from '../fakes/test-chain.js';

interface State {
  readonly fleet: Fleet;
  readonly derived: DerivedState;
}

const STATES: Readonly<Record<string, (t: ExecutionContext) => Promise<State>>> = {
  async sqlite(t) {
    const folder = temporaryFolder(t);
    const state = await openSqliteState({ path: join(folder, 'state.db') });
    t.teardown(() => state.close());
    return state;
  },
  async memory() {
    const fleet = new MemoryFleet();
    return { fleet, derived: new MemoryDerived(fleet) };
  },
};

const T0 = Date.UTC(2026, 10, 22);
const NOTHING: DerivedChange = { contacts: [], latest: [], tables: [], events: [], anchors: [], platforms: [], upToKey: null };
const hash = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const epoch = (byte: number): Uint8Array => new Uint8Array(8).fill(byte);

function latest(n: number, change: Partial<LatestSample> = {}): LatestSample {
  return {
    lcuNo: 0,
    epoch: epoch(1),
    n,
    analyser: 0,
    entry: encodeEntry(sample(0, n * 1000)),
    receivedAtMs: T0 + n * 1000,
    ageMs: 500,
    ...change,
  };
}

function fact(byte: number, n: number, atMs: number, entry: Parameters<typeof encodeEntry>[0]): TableFact {
  return { lcuNo: 0, epoch: epoch(byte), n, atMs, entry: encodeEntry(entry), previous: null };
}

for (const [name, open] of Object.entries(STATES)) {
  test(`${name}: keeps the last contact`, async (t) => {
    const { derived } = await open(t);
    const contact: Contact = {
      lcuNo: 3,
      lastGoodAtMs: null,
      lastAtMs: T0,
      verdict: 'answer-missing',
      answersOk: 0,
      answersRefused: 1,
      entriesStored: 0,
      backlog: 0,
      codeHash: null,
    };
    derived.apply({ ...NOTHING, contacts: [contact] });
    t.deepEqual(derived.contact(3), contact);
    const good: Contact = {
      ...contact,
      lastGoodAtMs: T0 + 1,
      verdict: 'ok',
      answersOk: 1,
      entriesStored: 10,
      backlog: 2,
      codeHash: hash(7),
    };
    derived.apply({ ...NOTHING, contacts: [good] });
    t.deepEqual(derived.contact(3), good);
    t.is(derived.contact(4), undefined);
  });

  test(`${name}: the applied key is that of the last change, also where the wall clock went back`, async (t) => {
    const { derived } = await open(t);
    t.is(derived.appliedKey(), 0);
    for (const upToKey of [2 ** 52, 5, 7]) {
      derived.apply({ ...NOTHING, upToKey });
      t.is(derived.appliedKey(), upToKey);
    }
    derived.apply(NOTHING);
    t.is(derived.appliedKey(), 7, 'a change of no row');
  });

  test(`${name}: in one epoch the higher number is the latest`, async (t) => {
    const { derived } = await open(t);
    derived.apply({ ...NOTHING, latest: [latest(7)] });
    derived.apply({ ...NOTHING, latest: [latest(6, { receivedAtMs: T0 + 99_000 })] });
    t.is(derived.latest(0)[0]?.n, 7);
    derived.apply({ ...NOTHING, latest: [latest(8, { receivedAtMs: T0 })] });
    t.deepEqual(
      derived.latest(0).map(({ n, receivedAtMs }) => [n, receivedAtMs]),
      [[8, T0]],
    );
    t.is(toHex(derived.latest(0)[0]!.entry), toHex(latest(8).entry));
  });

  test(`${name}: an epoch that names another as the one before takes its place, in either order`, async (t) => {
    const { derived } = await open(t);
    const of = (byte: number, previous: number | null): TableFact => ({
      ...fact(byte, 1, T0, start(new Uint8Array(16), [])),
      entry: encodeEntry({
        ...start(new Uint8Array(16), []),
        previous: previous === null ? null : { epoch: epoch(previous), n: 7, head: hash(1) },
      }),
      previous: previous === null ? null : { epoch: epoch(previous), n: 7 },
    });
    const before = latest(7, { receivedAtMs: T0 + 3_600_000 });
    const after = latest(2, { epoch: epoch(3), receivedAtMs: T0 });
    derived.apply({ ...NOTHING, latest: [before] });
    derived.apply({ ...NOTHING, latest: [after], tables: [of(1, null), of(2, 1), of(3, 2)] });
    t.is(derived.latest(0)[0]?.n, 2);
    derived.apply({ ...NOTHING, latest: [before] });
    t.is(derived.latest(0)[0]?.n, 2);
  });

  test(`${name}: of the epochs that name one before them it gives the newest, as many as are asked`, async (t) => {
    const { derived } = await open(t);
    const of = (byte: number, previous: number | null, atMs: number): TableFact => ({
      ...fact(byte, 1, atMs, start(new Uint8Array(16), [])),
      previous: previous === null ? null : { epoch: epoch(previous), n: byte },
    });
    const begun = (previous: number | null, limit: number, fromMs?: number): unknown => {
      const asked = fromMs === undefined ? { limit } : { limit, fromMs };
      return derived.successors(0, previous === null ? null : epoch(previous), asked).map((one) => [one.epoch[0], one.afterN]);
    };
    t.deepEqual(begun(null, 9), []);
    derived.apply({
      ...NOTHING,
      tables: [of(2, 1, T0 + 2), of(3, 1, T0 + 9), of(4, 1, T0 + 5), of(5, 2, T0), of(6, null, T0 + 3)],
    });
    derived.apply({
      ...NOTHING,
      tables: [{ ...of(7, 1, T0 + 20), lcuNo: 1 }, { ...of(8, 1, T0 + 20), n: 2 }, of(9, null, T0 + 1)],
    });
    t.deepEqual(begun(1, 9), [
      [3, 3],
      [4, 4],
      [2, 2],
    ]);
    t.deepEqual(begun(1, 1), [[3, 3]]);
    t.deepEqual(begun(1, 9, T0 + 5), [
      [3, 3],
      [4, 4],
    ]);
    t.deepEqual(begun(null, 9, T0 + 2), [[6, 0]]);
    t.deepEqual(begun(7, 9), []);
  });

  test(`${name}: between epochs whose line is not known the younger sample is the latest`, async (t) => {
    const { derived } = await open(t);
    derived.apply({ ...NOTHING, latest: [latest(7, { receivedAtMs: T0 + 10_000, ageMs: 1000 })] });
    derived.apply({ ...NOTHING, latest: [latest(9, { epoch: epoch(2), receivedAtMs: T0 + 11_000, ageMs: 2000 })] });
    t.is(derived.latest(0)[0]?.n, 7);
    derived.apply({ ...NOTHING, latest: [latest(2, { epoch: epoch(2), receivedAtMs: T0 + 11_000, ageMs: 1999 })] });
    t.is(derived.latest(0)[0]?.n, 2);
  });

  test(`${name}: each analyser of each LCU has its own latest sample`, async (t) => {
    const { derived } = await open(t);
    derived.apply({ ...NOTHING, latest: [latest(5, { analyser: 1 }), latest(4), latest(9, { lcuNo: 1 })] });
    t.deepEqual(
      derived.latest(0).map(({ analyser, n }) => [analyser, n]),
      [
        [0, 4],
        [1, 5],
      ],
    );
    t.deepEqual(
      derived.latest(1).map(({ n }) => n),
      [9],
    );
    t.deepEqual(derived.latest(2), []);
  });

  test(`${name}: the latest samples of all LCUs are those that each is asked for alone`, async (t) => {
    const { derived } = await open(t);
    t.deepEqual([...derived.latestOfAll()], []);
    derived.apply({
      ...NOTHING,
      latest: [latest(5, { analyser: 1 }), latest(9, { lcuNo: 3 }), latest(4), latest(2, { lcuNo: 1, epoch: epoch(2) })],
    });
    const asked = [0, 1, 3].map((lcuNo) => [lcuNo, derived.latest(lcuNo)] as const);
    t.deepEqual([...derived.latestOfAll()], asked);
    t.deepEqual(
      asked.map(([, samples]) => samples.length),
      [2, 1, 1],
    );
  });

  test(`${name}: a table is made of start and table entries in any order`, async (t) => {
    const { derived } = await open(t);
    t.is(derived.table(0, epoch(1)), undefined);
    const change = {
      kind: 'table',
      at: start(new Uint8Array(16), []).at,
      analysers: [analyser(1, 'b', { unit: 9 })],
      retired: [0],
    } as const;
    derived.apply({ ...NOTHING, tables: [fact(1, 40, T0 + 40, change)] });
    t.like(derived.table(0, epoch(1)), { boot: undefined, retired: [0] });
    const boot = new Uint8Array(16).fill(5);
    derived.apply({ ...NOTHING, tables: [fact(1, 1, T0, start(boot, [analyser(0, 'a')])), fact(1, 40, T0 + 40, change)] });
    const table = derived.table(0, epoch(1))!;
    t.is(toHex(table.boot!), toHex(boot));
    t.deepEqual(
      table.analysers.map(({ index, id, unit }) => [index, id, unit]),
      [
        [0, 'a', 1],
        [1, 'b', 9],
      ],
    );
    t.is(derived.table(1, epoch(1)), undefined);
  });

  test(`${name}: a meter stays at its point until its serial number changes`, async (t) => {
    const { fleet, derived } = await open(t);
    fleet.invite('malaga-1', 'plaza-mayor', { tokenHash: new Uint8Array(32), expiresAtMs: T0 }, T0);
    const boot = new Uint8Array(16);
    const tables = [
      fact(3, 1, T0 + 3000, start(boot, [analyser(0, 'main', { serialNumber: 'new' })])),
      fact(1, 1, T0 + 1000, start(boot, [analyser(0, 'main', { serialNumber: 'old' })])),
      fact(2, 1, T0 + 2000, start(boot, [analyser(0, 'main', { serialNumber: 'old' })])),
    ];
    for (const table of tables) derived.apply({ ...NOTHING, tables: [table] });
    const common = {
      point: 'plaza-mayor/main',
      lcuNo: 0,
      analyserId: 'main',
      profileId: 'circutor-cvm-c10',
      profileOrigin: 'shipped',
    };
    const stays = [
      { ...common, serialNumber: 'old', fromMs: T0 + 1000, toMs: T0 + 3000 },
      { ...common, serialNumber: 'new', fromMs: T0 + 3000, toMs: null },
    ];
    t.deepEqual(derived.meterStays(), stays);
    t.deepEqual(derived.meterStays('plaza-mayor'), stays);
    t.deepEqual(derived.meterStays('elsewhere'), []);
  });

  test(`${name}: a sample older than five minutes becomes a latest value where its scan group brings no newer one yet`, async (t) => {
    const { derived } = await open(t);
    const rows = [analyser(0, 'main'), analyser(1, 'main', { periodS: 900 }), analyser(2, 'main', { periodS: 3_600 })];
    const sampleOf = (index: number, ageMs: number): LatestSample => {
      const at = { monoMs: 1, wallMs: T0, quality: 'held' } as const;
      const entry = encodeEntry({ kind: 'sample', at, analyser: index, spanMs: 1, status: 'complete', values: [1] });
      return { lcuNo: 0, epoch: epoch(1), n: 2 + index, analyser: index, entry, receivedAtMs: T0, ageMs };
    };
    const taken = (samples: readonly LatestSample[]): number[] => {
      derived.apply({ ...NOTHING, latest: samples });
      return derived.latest(0).map((one) => one.analyser);
    };
    t.deepEqual(taken([sampleOf(1, 600_000)]), [], 'nothing tells its period');
    derived.apply({ ...NOTHING, tables: [fact(1, 1, T0, start(new Uint8Array(16), rows))] });
    t.deepEqual(taken([sampleOf(0, 300_001), sampleOf(1, 960_001), sampleOf(2, 3_660_001)]), []);
    t.deepEqual(taken([sampleOf(0, 300_000), sampleOf(1, 960_000), sampleOf(2, 3_660_000)]), [0, 1, 2]);
  });

  test(`${name}: an LCU stays in its panel, and moves with a new invitation`, async (t) => {
    const { fleet, derived } = await open(t);
    const invitation = (byte: number) => ({ tokenHash: new Uint8Array(32).fill(byte), expiresAtMs: T0 });
    fleet.invite('malaga-1', 'plaza-mayor', invitation(1), T0);
    fleet.invite('malaga-1', 'plaza-mayor', invitation(2), T0 + 1);
    t.deepEqual(derived.panelStays(0), [{ panel: 'plaza-mayor', lcuId: 'malaga-1', fromMs: T0, toMs: null }]);
    t.is(fleet.invite('malaga-1', 'mercado', invitation(3), T0 + 2).panel, 'mercado');
    t.deepEqual(
      derived.panelStays(0).map(({ panel, toMs }) => [panel, toMs]),
      [
        ['plaza-mayor', T0 + 2],
        ['mercado', null],
      ],
    );
  });

  test(`${name}: gives each event once, whenever it comes again, and lists them in the order of receipt`, async (t) => {
    const { derived } = await open(t);
    const event = (n: number, receivedAtMs: number, lcuNo = 0): EventFact => {
      const entry = encodeEntry({ kind: 'event', at: { monoMs: n, wallMs: T0, quality: 'held' }, code: 'stop', facts: [] });
      return { lcuNo, epoch: epoch(1), n, entry, atMs: T0 + n, receivedAtMs, late: n === 2 };
    };
    const told = (events: readonly EventFact[]): number[] => events.map(({ n }) => n);
    t.deepEqual(told(derived.apply({ ...NOTHING, events: [event(1, T0 + 10), event(2, T0 + 20)] })), [1, 2]);
    t.deepEqual(
      told(derived.apply({ ...NOTHING, events: [event(2, T0 + 20), event(3, T0 + 15), event(4, T0 + 15, 1)] })),
      [3, 4],
    );
    t.deepEqual(told(derived.events(T0)), [1, 3, 4, 2]);
    t.deepEqual(told(derived.events(T0 + 15, 0)), [3, 2]);
    t.deepEqual(
      derived.events(T0 + 15, 0).map(({ late }) => late),
      [false, true],
    );
  });

  test(`${name}: keeps the first anchor of each boot and source`, async (t) => {
    const { derived } = await open(t);
    const boot = new Uint8Array(16).fill(1);
    const anchor = (source: 'contact' | 'clock', monoMs: number): NewAnchor => ({ lcuNo: 0, boot, source, monoMs, wallMs: T0 });
    derived.apply({ ...NOTHING, anchors: [anchor('clock', 5)] });
    derived.apply({ ...NOTHING, anchors: [anchor('clock', 6), anchor('contact', 7)] });
    t.deepEqual(derived.anchors(0, boot), { contact: { monoMs: 7, wallMs: T0 }, clock: { monoMs: 5, wallMs: T0 } });
    t.deepEqual(derived.anchors(0, new Uint8Array(16)), { contact: undefined, clock: undefined });
    t.deepEqual(derived.anchors(1, boot), { contact: undefined, clock: undefined });
  });

  test(`${name}: a platform gives way to one that was told later`, async (t) => {
    const { derived } = await open(t);
    const tell = (byte: number, n: number, receivedAtMs: number, platform: Uint8Array | null, lcuNo = 0): void => {
      derived.apply({ ...NOTHING, platforms: [{ lcuNo, epoch: epoch(byte), n, hash: platform, receivedAtMs }] });
    };
    t.is(derived.platform(0), undefined);
    tell(1, 1, T0, null);
    t.deepEqual(derived.platform(0), { lcuNo: 0, epoch: epoch(1), n: 1, hash: null, receivedAtMs: T0 });
    tell(1, 9, T0 + 1, hash(9));
    tell(1, 2, T0 + 2, hash(2));
    t.deepEqual(derived.platform(0)?.hash, hash(9), 'in one epoch the higher number');
    tell(2, 1, T0 + 1, null);
    t.deepEqual(derived.platform(0)?.hash, hash(9), 'not later');
    tell(2, 1, T0 + 3, null, 1);
    tell(2, 1, T0 + 3, null);
    t.is(derived.platform(0)?.hash, null, 'between epochs the later receipt');
    t.is(derived.platform(2), undefined);
  });
}
