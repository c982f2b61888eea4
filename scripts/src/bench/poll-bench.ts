import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Lcu } from '@farola/collector/fleet/fleet.js';
import { offsetInRound } from '@farola/collector/poll/spread.js';
import { sodiumVerify } from '@farola/collector/trust/sodium-signer.js';
import { certificateName, pause, systemTimers } from '@farola/shared';
import { type BenchCollector, COLLECTOR_ID, openBenchCollector, ROUND_MS } from './bench-collector.js';
import { BenchTime } from './bench-time.js';
import { Floor } from './floor.js';
import { measure, median, type Memory, settledMemory, type Slice } from './measure.js';
import type { PeerAddress } from './peer-messages.js';
import { type Peer, startPeer } from './peer.js';
import { pollBytes } from './poll-bytes.js';

/** How to measure. */
export interface PollBenchOptions {
  readonly lcus: number;
  readonly tls: boolean;
  /** How long polls are measured; the floor takes as long again, warm-up and connecting come on top. */
  readonly seconds: number;
}

/** What was measured: medians over the slices. */
export interface PollFigures {
  readonly lcus: number;
  readonly tls: boolean;
  readonly pollsPerS: number;
  /** CPU of the collector's process for one poll, user and system, microseconds. */
  readonly cpuUsPerPoll: number;
  readonly floorCpuUsPerPoll: number;
  /** The one by the other, each pair measured side by side. */
  readonly ratio: number;
  /** Growth of the resident memory for each connection, kB of 1000 bytes. */
  readonly kbPerConnection: number;
  /** The same as V8 counts it: objects and buffers, without what lies in native memory. */
  readonly heapKbPerConnection: number;
}

/** Polls in flight at once: two full transactions. */
const IN_FLIGHT = 200;
/** Pairs of slices, the real path and the floor by turns. */
const PAIRS = 7;
/** After so long what waits to be derived is written: it grows with polls and not with connections. */
const SETTLE_MS = 1500;
/** Connections of the floor. */
const FLOOR_CONNECTIONS = 1000;
/** Bytes of a kB. */
const KB = 1000;

/** Measures the real path of the collector, and in the same run its floor. */
export async function benchPolls(options: PollBenchOptions): Promise<PollFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'farola-bench-'));
  const closers: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => (fail = reject));
  try {
    const time = new BenchTime();
    const rounds = new Rounds();
    const collector = await openBenchCollector({
      folder,
      tls: options.tls,
      time,
      onRoundDue: () => rounds.began++,
      onRoundEnded: () => rounds.onEnded(),
      failed: (reason) => fail(new Error(reason)),
    });
    closers.push(() => collector.close());
    const peer = startPeer();
    closers.push(() => peer.close());
    return await Promise.race([
      new PollBench(options, folder, { time, rounds }, collector, peer, closers).run(),
      failed,
      peer.failed,
    ]);
  } finally {
    failed.catch(() => undefined);
    for (const close of closers.reverse()) await close();
  }
}

/** What the collector tells of its rounds. */
class Rounds {
  /** Those that began at their place in time. */
  began = 0;
  /** Told of each that has ended. */
  onEnded: () => void = () => undefined;
}

/** By what rounds go. */
interface Pace {
  readonly time: BenchTime;
  readonly rounds: Rounds;
}

class PollBench {
  readonly #options: PollBenchOptions;
  readonly #folder: string;
  readonly #pace: Pace;
  readonly #collector: BenchCollector;
  readonly #peer: Peer;
  readonly #closers: (() => Promise<unknown>)[];
  #lcus: readonly Lcu[] = [];
  /** In the order in which a round polls them. */
  #turns: readonly Lcu[] = [];

  constructor(
    options: PollBenchOptions,
    folder: string,
    pace: Pace,
    collector: BenchCollector,
    peer: Peer,
    closers: (() => Promise<unknown>)[],
  ) {
    this.#options = options;
    this.#folder = folder;
    this.#pace = pace;
    this.#collector = collector;
    this.#peer = peer;
    this.#closers = closers;
  }

  async run(): Promise<PollFigures> {
    const { lcus, tls, seconds } = this.#options;
    this.#lcus = this.#collector.enrol(await this.#peer.ask({ do: 'make', lcus }));
    this.#turns = this.#lcus.toSorted((a, b) => placeOf(a) - placeOf(b));
    const few = Math.max(1, Math.min(IN_FLIGHT, Math.floor(lcus / 5)));
    const before = await this.#connect(0, few, untilMs((seconds * 1000) / 2));
    const after = await this.#connect(few, lcus, untilPolls(lcus));
    const floor = await this.#openFloor();
    const slice = seconds / PAIRS;
    await floor.run(untilMs(slice * 1000));
    const pairs: { real: Slice; floor: Slice }[] = [];
    for (let i = 0; i < PAIRS; i++) {
      const real = await measure(slice, (over) => this.#poll(lcus, over));
      pairs.push({ real, floor: await measure(slice, (over) => floor.run(over)) });
    }
    const perConnection = (of: keyof Memory): number => (after[of] - before[of]) / (lcus - few) / KB;
    return {
      lcus,
      tls,
      pollsPerS: Math.round(median(pairs.map(({ real }) => real.polls / real.seconds))),
      cpuUsPerPoll: rounded(median(pairs.map(({ real }) => cpuOf(real))), 1),
      floorCpuUsPerPoll: rounded(median(pairs.map((pair) => cpuOf(pair.floor))), 1),
      ratio: rounded(median(pairs.map((pair) => cpuOf(pair.real) / cpuOf(pair.floor))), 2),
      kbPerConnection: rounded(perConnection('rss'), 1),
      heapKbPerConnection: rounded(perConnection('heap'), 1),
    };
  }

  /** Connects LCUs `from` to `until - 1`, polls all that are connected until `over`, and gives the memory that is then in use. */
  async #connect(from: number, until: number, over: (polls: number) => boolean): Promise<Memory> {
    const { polls } = this.#collector;
    const everyonePolled = polls.counts.rounds + until - from;
    await this.#peer.ask({ do: 'connect', to: this.#address(this.#collector.port, '/v1/lcu'), from, until });
    while (polls.counts.rounds < everyonePolled) await pause(systemTimers, 20);
    await this.#poll(until, over);
    await pause(systemTimers, SETTLE_MS);
    return settledMemory();
  }

  /** Lets rounds come in their order, many at once, as soon as another has ended; gives how many there were. */
  #poll(lcus: number, over: (polls: number) => boolean): Promise<number> {
    const { time, rounds } = this.#pace;
    const before = rounds.began;
    const most = Math.max(1, Math.min(lcus / 2, IN_FLIGHT));
    let ended = 0;
    const fill = (): void => {
      while (rounds.began - before - ended < most) time.fireNext();
    };
    return new Promise((resolve) => {
      rounds.onEnded = () => {
        ended++;
        const began = rounds.began - before;
        if (!over(began)) fill();
        else if (began === ended) {
          rounds.onEnded = () => undefined;
          resolve(began);
        }
      };
      fill();
    });
  }

  async #openFloor(): Promise<Floor> {
    const { lcus, tls } = this.#options;
    const { keys, committed } = this.#collector;
    if (!committed.last) throw new RangeError('nothing was committed');
    const answer = committed.last;
    const lcu = this.#lcus.find(({ lcuNo }) => lcuNo === answer.lcuNo);
    const bytes = pollBytes(answer, lcu?.key?.publicKey ?? new Uint8Array(0));
    const floor = new Floor({
      folder: this.#folder,
      tls: tls ? keys.tls : undefined,
      bytes,
      sign: (message) => keys.identity.pollSigner.sign(message),
      verify: await sodiumVerify(),
      groupSize: committed.groupSize,
      lcuNos: this.#turns.map(({ lcuNo }) => lcuNo),
      inFlight: Math.min(lcus, IN_FLIGHT),
    });
    this.#closers.push(() => floor.close());
    const to = this.#address(await floor.listen(), '/');
    const answered = Buffer.from(bytes.answerFrame).toString('base64');
    await this.#peer.ask({ do: 'echo', to, connections: Math.min(lcus, FLOOR_CONNECTIONS), answer: answered });
    return floor;
  }

  #address(port: number, path: string): PeerAddress {
    const { certificate } = this.#collector.keys.tls;
    const { tls } = this.#options;
    return {
      url: `${tls ? 'wss' : 'ws'}://127.0.0.1:${port}${path}`,
      tls: tls ? { ca: certificate, servername: certificateName(COLLECTOR_ID) } : undefined,
    };
  }
}

function placeOf({ lcuId }: Lcu): number {
  return offsetInRound(lcuId, ROUND_MS);
}

function cpuOf({ cpuUs, polls }: Slice): number {
  return cpuUs / polls;
}

function untilMs(ms: number): () => boolean {
  const began = performance.now();
  return () => performance.now() - began >= ms;
}

function untilPolls(count: number): (polls: number) => boolean {
  return (polls) => polls >= count;
}

function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
