import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import { acceptLcu } from '@farola/collector/link/accept-lcu.js';
import { listenWs } from '@farola/collector/link/ws-listener.js';
import { systemClock, systemRandom, systemTimers } from '@farola/shared';
import { sodiumVerify } from '../../fakes/sodium-verify.js';
import { testAuthority } from '../../fakes/test-authority.js';
import { testIdentity } from '../../fakes/test-collector.js';

const ATTACKERS = fileURLToPath(new URL('../../fakes/attackers.js', import.meta.url));
const LONG = process.env['FAROLA_LONG'] === '1';
/** How long each attack of a series goes on, ms. */
const ATTACK_MS = LONG ? 10_000 : 250;
/** What live objects and buffers may grow from series to series, MB. */
const GROWTH_MB = 2;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Objects and buffers that are still in use, MB. */
async function liveMb(): Promise<number> {
  for (let i = 0; i < 4; i++) {
    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}

test('attacks by strangers leave nothing in memory once they are over', async (t) => {
  t.timeout(20 * 60_000);
  const { server: tls } = await testAuthority();
  const deps = { identity: testIdentity(), fleet: { findByKid: () => undefined }, verify: sodiumVerify };
  const common = { clock: systemClock(), timers: systemTimers, random: systemRandom };
  let refused = 0;
  const receivers = {
    lcu: (channel: Parameters<typeof acceptLcu>[0]) =>
      acceptLcu(
        channel,
        { ...deps, ...common },
        () => () => undefined,
        () => refused++,
      ),
    enrol: () => undefined,
    refused: () => refused++,
    failed: (error: unknown) => t.fail(String(error)),
  };
  const listener = await listenWs({ host: '127.0.0.1', port: 0, tls, strangerMs: 2000 }, receivers);
  t.teardown(() => listener.close());
  const series = async (): Promise<number> => {
    await promisify(execFile)(process.execPath, [ATTACKERS, String(listener.port), String(ATTACK_MS)]);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    return liveMb();
  };
  const before = await liveMb();
  const live = [await series(), await series(), await series()];
  const rss = process.memoryUsage().rss / 1e6;
  t.log(
    `live: ${before.toFixed(1)} MB before, ${live.map((mb) => mb.toFixed(1)).join(', ')} after; resident ${rss.toFixed(0)} MB`,
  );
  t.log(`${refused} connections refused`);
  t.true(refused > 100);
  t.true((live[2] as number) - (live[0] as number) < GROWTH_MB);
});
