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
const SHORT_MS = 250;
/** How long each attack of a series goes on, ms. */
const ATTACK_MS = LONG ? 10_000 : SHORT_MS;
/** Series of short attacks before the first that counts: it takes Node 24 some until it asks the system for no more memory. */
const WARM_UP = 2;
const SERIES = LONG ? 6 : 3;
/** What may be more after the last series than after the first, MB. */
const GROWTH_MB = { live: 2, resident: 16 };

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

interface Memory {
  /** Objects and buffers that are still in use, MB. */
  readonly liveMb: number;
  /** What the operating system counts, MB. */
  readonly residentMb: number;
}

/** Memory after everything that can go is gone. */
async function memory(): Promise<Memory> {
  for (let i = 0; i < 4; i++) {
    collectGarbage();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { liveMb: (heapUsed + external) / 1e6, residentMb: rss / 1e6 };
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
  const series = async (attackMs: number = ATTACK_MS): Promise<Memory> => {
    await promisify(execFile)(process.execPath, [ATTACKERS, String(listener.port), String(attackMs)]);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    return memory();
  };
  const before = await memory();
  for (let i = 0; i < WARM_UP; i++) await series(SHORT_MS);
  const first = await series();
  for (let i = 2; i < SERIES; i++) await series();
  const last = await series();
  const told = (of: Memory): string => `${of.liveMb.toFixed(1)} MB live, ${of.residentMb.toFixed(0)} resident`;
  t.log(`before: ${told(before)}; after the first series: ${told(first)}; after ${SERIES}: ${told(last)}`);
  t.log(`${refused} connections refused`);
  t.true(refused > 100);
  t.true(last.liveMb - first.liveMb < GROWTH_MB.live);
  t.true(last.residentMb - first.residentMb < GROWTH_MB.resident);
});
