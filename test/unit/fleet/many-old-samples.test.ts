import { join } from 'node:path';
import type { DerivedChange, LatestSample, TableFact } from '@farola/collector/fleet/derived-state.js';
import { openSqliteState } from '@farola/collector/fleet/sqlite-state.js';
import { encodeEntry } from '@farola/shared';
import test from 'ava';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { analyser, start } from '../../fakes/test-chain.js';

const T0 = Date.UTC(2026, 10, 22);
const EPOCH = new Uint8Array(8).fill(1);
const NOTHING: DerivedChange = { contacts: [], latest: [], tables: [], events: [], anchors: [], platforms: [], upToKey: null };
/** As many rows as an entry takes, and as many tables as are kept of an epoch. */
const ROWS = Array.from({ length: 64 }, (_, index) => analyser(index, 'main', { periodS: 900 }));
const TABLES = 64;

function table(n: number): TableFact {
  const at = { monoMs: n, wallMs: T0, quality: 'held' } as const;
  const entry = n === 1 ? start(new Uint8Array(16), ROWS) : ({ kind: 'table', at, analysers: ROWS, retired: [] } as const);
  return { lcuNo: 0, epoch: EPOCH, n, atMs: T0, entry: encodeEntry(entry), previous: null };
}

/** Of an analyser that is in no table, ten minutes old. */
function old(index: number): LatestSample {
  const at = { monoMs: 1, wallMs: T0, quality: 'held' } as const;
  const entry = encodeEntry({ kind: 'sample', at, analyser: index, spanMs: 1, status: 'complete', values: [1] });
  return { lcuNo: 0, epoch: EPOCH, n: 1_000 + index, analyser: index, entry, receivedAtMs: T0, ageMs: 600_000 };
}

test('security: an answer of old samples of many analysers costs no more than one table of its epoch', async (t) => {
  const state = await openSqliteState({ path: join(temporaryFolder(t), 'state.db') });
  t.teardown(() => state.close());
  state.derived.apply({ ...NOTHING, tables: Array.from({ length: TABLES }, (_, n) => table(n + 1)) });
  const cpuMs = (latest: readonly LatestSample[]): number => {
    const before = process.cpuUsage();
    state.derived.apply({ ...NOTHING, latest });
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  };
  cpuMs([old(100)]);
  const one = cpuMs([old(100)]);
  const many = cpuMs(Array.from({ length: 150 }, (_, index) => old(100 + index)));
  t.true(many < 20 * Math.max(one, 1), `${one} ms for one, ${many} ms for 150`);
});
