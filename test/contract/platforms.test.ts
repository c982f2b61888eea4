import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { PlatformJudgement, Platforms } from '@farola/collector/fleet/platforms.js';
import { openSqliteState } from '@farola/collector/fleet/sqlite-state.js';
import { MemoryPlatforms } from '../fakes/memory-platforms.js';
import { temporaryFolder } from '../fakes/temporary-folder.js';

const STORES: Readonly<Record<string, (t: ExecutionContext) => Promise<Platforms>>> = {
  async sqlite(t) {
    const state = await openSqliteState({ path: join(temporaryFolder(t), 'state.db') });
    t.teardown(() => state.close());
    return state.platforms;
  },
  async memory() {
    return new MemoryPlatforms();
  },
};

function judgement(byte: number, change: Partial<PlatformJudgement> = {}): PlatformJudgement {
  const platformHash = new Uint8Array(32).fill(byte);
  return { platformHash, verdict: 'approved', atMs: 10, reason: 'November', by: 'ana', ...change };
}

for (const [name, open] of Object.entries(STORES)) {
  test(`${name}: keeps every judgement in its order, also of one hash, also where the clock went back`, async (t) => {
    const platforms = await open(t);
    t.deepEqual(platforms.all(), []);
    const made = [
      judgement(2),
      judgement(1, { verdict: 'revoked', reason: 'a hole', atMs: 5 }),
      judgement(2, { verdict: 'revoked', by: 'eva' }),
      judgement(2),
    ];
    for (const one of made) platforms.judge(one);
    t.deepEqual(platforms.all(), made);
  });
}
