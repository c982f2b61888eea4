import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { STRANGER_LIMITS } from '@farola/collector/link/admission.js';
import { certificateName, pause, systemTimers } from '@farola/shared';
import { type BenchCollector, COLLECTOR_ID, openBenchCollector, ROUND_MS } from './bench-collector.js';
import { startPeer } from './peer.js';

/** What loses the connections: the collector ends in order and starts again, or the network takes all of them at once. */
export const CUTS = ['restart', 'network'] as const;

/** How to measure. */
export interface StormOptions {
  readonly lcus: number;
  readonly cut: (typeof CUTS)[number];
}

/** What was measured, in seconds from the cut on. */
export interface StormFigures {
  readonly lcus: number;
  readonly cut: (typeof CUTS)[number];
  /** Until every LCU was connected and greeted again. */
  readonly connectedS: number;
  /** Until an answer of every LCU was stored. */
  readonly allPolledS: number;
  /** CPU of the collector's process until then. */
  readonly cpuS: number;
  /** What went wrong meanwhile, by code, such as connections that were turned away; their LCUs came again. */
  readonly refused: Readonly<Record<string, number>>;
}

/** How often it is looked, ms. */
const LOOK_MS = 20;

/**
 * Cuts the connections of a whole fleet at once, all of which come from one address, and measures how long it takes until
 * the collector has every LCU back. Error when that takes longer than a round.
 */
export async function benchStorm({ lcus, cut }: StormOptions): Promise<StormFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'farola-storm-'));
  const refused = new Map<string, number>();
  const failed = (reason: string): void => {
    const [code = reason] = reason.split(' {');
    refused.set(code, (refused.get(code) ?? 0) + 1);
  };
  const open = (port: number): Promise<BenchCollector> =>
    openBenchCollector({ folder, tls: true, failed, port, limits: STRANGER_LIMITS });
  let collector = await open(0);
  const { port, keys } = collector;
  const peer = startPeer();
  try {
    collector.enrol(await peer.ask({ do: 'make', lcus }));
    const tls = { ca: keys.tls.certificate, servername: certificateName(COLLECTOR_ID) };
    await peer.ask({ do: 'keep', to: { url: `wss://127.0.0.1:${port}/v1/lcu`, tls } });
    refused.clear();
    const cpuBefore = process.cpuUsage();
    const began = performance.now();
    const elapsedS = (): number => Math.round((performance.now() - began) / 100) / 10;
    if (cut === 'network') {
      collector.committed.lcuNos.clear();
      await peer.ask({ do: 'cut' });
    } else {
      await collector.close();
      collector = await open(port);
    }
    const back = async (): Promise<StormFigures> => {
      await until(() => collector.polls.counts.connected === lcus, elapsedS);
      const connectedS = elapsedS();
      await until(() => collector.committed.lcuNos.size === lcus, elapsedS);
      const { user, system } = process.cpuUsage(cpuBefore);
      const cpuS = Math.round((user + system) / 1e5) / 10;
      return { lcus, cut, connectedS, allPolledS: elapsedS(), cpuS, refused: Object.fromEntries(refused) };
    };
    return await Promise.race([back(), peer.failed]);
  } finally {
    await peer.close();
    await collector.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function until(holds: () => boolean, elapsedS: () => number): Promise<void> {
  while (!holds()) {
    if (elapsedS() * 1000 > ROUND_MS) throw new Error(`not every LCU was back within ${ROUND_MS / 1000} s`);
    await pause(systemTimers, LOOK_MS);
  }
}
