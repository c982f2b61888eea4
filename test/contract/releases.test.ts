import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Releases } from '@farola/collector/fleet/releases.js';
import { openSqliteState } from '@farola/collector/fleet/sqlite-state.js';
import { MemoryReleases } from '../fakes/memory-releases.js';
import { temporaryFolder } from '../fakes/temporary-folder.js';

const STORES: Readonly<Record<string, (t: ExecutionContext) => Promise<Releases>>> = {
  async sqlite(t) {
    const state = await openSqliteState({ path: join(temporaryFolder(t), 'state.db') });
    t.teardown(() => state.close());
    return state.releases;
  },
  async memory() {
    return new MemoryReleases();
  },
};

const code = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const file = (byte: number): Uint8Array => new Uint8Array(9).fill(byte);

for (const [name, open] of Object.entries(STORES)) {
  test(`${name}: keeps the newest file of each code, oldest first`, async (t) => {
    const releases = await open(t);
    t.deepEqual(releases.all(), []);
    releases.put(code(2), file(1), 10);
    releases.put(code(1), file(2), 20);
    releases.put(code(2), file(3), 30);
    t.deepEqual(releases.all(), [
      { codeHash: code(1), file: file(2), addedAtMs: 20, revoked: null },
      { codeHash: code(2), file: file(3), addedAtMs: 30, revoked: null },
    ]);
  });

  test(`${name}: a revocation stays, with its first reason, whatever is added later`, async (t) => {
    const releases = await open(t);
    releases.put(code(1), file(1), 10);
    releases.revoke(code(1), 'a hole', 20);
    releases.revoke(code(1), 'another', 30);
    releases.put(code(1), file(2), 40);
    const revoked = { atMs: 20, reason: 'a hole' };
    t.deepEqual(releases.all(), [{ codeHash: code(1), file: file(2), addedAtMs: 40, revoked }]);
  });

  test(`${name}: release keys revoke with the file that says so, at once or after an operator did`, async (t) => {
    const releases = await open(t);
    releases.put(code(1), file(1), 10);
    releases.revoke(code(1), 'by keys', 20, file(2));
    releases.revoke(code(2), 'a hole', 30);
    releases.revoke(code(2), 'by keys', 40, file(3));
    t.deepEqual(releases.all(), [
      { codeHash: code(1), file: file(2), addedAtMs: 20, revoked: { atMs: 20, reason: 'by keys' } },
      { codeHash: code(2), file: file(3), addedAtMs: 40, revoked: { atMs: 30, reason: 'a hole' } },
    ]);
  });

  test(`${name}: code that was never added can be revoked`, async (t) => {
    const releases = await open(t);
    releases.revoke(code(7), 'seen in the wild', 5);
    const revoked = { atMs: 5, reason: 'seen in the wild' };
    t.deepEqual(releases.all(), [{ codeHash: code(7), file: null, addedAtMs: 5, revoked }]);
  });
}
