import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteJournal } from '@farola/agent/journal/sqlite-open.js';
import type { Journal } from '@farola/agent/journal/journal.js';
import type { Dial } from '@farola/agent/link/channel.js';
import { type LinkDeps, runLink } from '@farola/agent/link/link.js';
import { wsDialler } from '@farola/agent/link/ws-dialler.js';
import { nodeVerify } from '@farola/agent/trust/node-verify.js';
import { threadSigner } from '@farola/agent/trust/thread-signer.js';
import type { Lcu } from '@farola/collector/fleet/fleet.js';
import { type Clock, HEALTH, type Instant, pause, sha256, systemClock, systemRandom, systemTimers, toHex } from '@farola/shared';
import { bootOf } from '../simulated-lcu.js';
import { type BenchCollector, COLLECTOR_ID, openBenchCollector } from './bench-collector.js';
import { type CountingProxy, openCountingProxy } from './counting-proxy.js';
import { benchLcuId } from './peer-messages.js';
import { type WirePanel, wirePanel } from './wire-panel.js';

/** What one LCU sends and receives. Bytes are those that TCP carries: TLS and ws are in, the headers of TCP and IP are not. */
export interface WireFigures {
  /** In 30 days of 288 polls and one connection each, MB of 10^6 bytes. */
  readonly mbPerMonth: number;
  /** Averages over the polls that were measured, both directions. */
  readonly bytesPerPoll: number;
  /** `bytesPerPoll` by the number of samples. */
  readonly bytesPerSample: number;
  /** The same month with entries as they stand in the ledger. */
  readonly mbPerMonthPlain: number;
  readonly pollBytes: number;
  /** The signed answer, without its entries. */
  readonly answerBytes: number;
  readonly entryBytes: number;
  readonly plainEntryBytes: number;
  readonly tlsAndWsBytes: number;
  /** One TLS connection, hello, and the first poll with the start entry. */
  readonly connectionBytes: number;
  readonly polls: number;
}

const ROUND_MS = 300_000;
const MINUTE_MS = 60_000;
const POLLS_PER_DAY = 288;
const DAYS = 30;
const MB = 1_000_000;
/** Noon of a day in November: the polls of a day see the lamps off, on, dimmed and off again. */
const BEGINS_AT_MS = Date.UTC(2026, 10, 20, 12);
const UPTIME_MS = 20 * 86_400_000;
const BOOT = bootOf('b0');
const CODE_HASH = sha256(Buffer.from('bench'));
const JOURNAL_BYTES = 512_000_000;

/** Clocks that move only when they are told to. */
class SteppedClock implements Clock {
  #sinceMs = 0;

  now(): Instant {
    return { monoMs: UPTIME_MS + this.#sinceMs, wallMs: BEGINS_AT_MS + this.#sinceMs, quality: 'synchronised' };
  }

  pass(ms: number): void {
    this.#sinceMs += ms;
  }
}

/** Polls a real agent's link with a real collector over TLS on the loopback, in simulated time, and counts. */
export async function benchWire({ polls }: { readonly polls: number }): Promise<WireFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'farola-bench-'));
  const closers: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => (fail = reject));
  try {
    const why = (reason: string): void => fail(new Error(reason));
    const clock = new SteppedClock();
    const real = systemClock();
    const time = { ...systemTimers, now: (): Instant => ({ ...real.now(), wallMs: clock.now().wallMs }) };
    const collector = await openBenchCollector({ folder, tls: true, time, failed: why });
    closers.push(() => collector.close());
    const proxy = await openCountingProxy(collector.port);
    closers.push(() => proxy.close());
    const panel = await wirePanel(clock.now().wallMs);
    const agent = await startAgent(folder, collector, proxy, clock, panel, why);
    closers.push(() => agent.stop());
    return await Promise.race([measure({ polls, collector, proxy, clock, panel, agent }), failed]);
  } finally {
    failed.catch(() => undefined);
    for (const close of closers.reverse()) await close();
  }
}

/** Sizes of the frames that a link took and sent last. */
interface FrameSizes {
  received: number;
  sent: number;
}

interface RunningAgent {
  readonly lcu: Lcu;
  readonly journal: Journal;
  readonly last: FrameSizes;
  stop(): Promise<void>;
}

async function startAgent(
  folder: string,
  collector: BenchCollector,
  proxy: CountingProxy,
  clock: Clock,
  { analysers }: WirePanel,
  failed: (why: string) => void,
): Promise<RunningAgent> {
  const signer = await threadSigner(sha256(Buffer.from('bench')));
  const [lcu] = collector.enrol([toHex(signer.publicKey)]);
  if (!lcu) throw new RangeError('no LCU was enrolled');
  const lcuId = benchLcuId(0);
  const path = join(folder, 'journal.sqlite');
  const journal = await openSqliteJournal({ path, lcuId, maxBytes: JOURNAL_BYTES, clock, random: systemRandom });
  journal.beginEpoch({ boot: BOOT, codeHash: CODE_HASH, configHash: CODE_HASH, agentVersion: 'bench', analysers });
  const last: FrameSizes = { received: 0, sent: 0 };
  const { identity } = collector.keys;
  const deps: LinkDeps = {
    lcuId,
    collectorId: COLLECTOR_ID,
    pollKeys: () => [identity.pollSigner.publicKey],
    signer,
    verify: nodeVerify(),
    boot: BOOT,
    codeHash: () => CODE_HASH,
    journal,
    health: () => HEALTHY,
    clock,
    random: systemRandom,
    timers: systemTimers,
    log: { info: () => undefined, warn: failed, fail: failed },
    dial: noting(last, dialler(proxy.port, identity.pin, failed)),
    redial: { minMs: 100, maxMs: 1_000 },
  };
  const stopped = new AbortController();
  const link = runLink(deps, stopped.signal);
  return {
    lcu,
    journal,
    last,
    async stop() {
      stopped.abort();
      await link;
      journal.close();
    },
  };
}

/** On the time of this machine, by which the certificate was made. */
function dialler(port: number, pin: Uint8Array, failed: (why: string) => void): Dial {
  return wsDialler({
    address: `wss://127.0.0.1:${port}`,
    collectorId: COLLECTOR_ID,
    pins: () => [pin],
    path: '/v1/lcu',
    idlePingMs: 2 * ROUND_MS,
    clock: systemClock(),
    timers: systemTimers,
    warn: failed,
  });
}

/** The same dial, with the size of each frame noted. */
function noting(last: FrameSizes, dial: Dial): Dial {
  return (connect, signal) =>
    dial((channel) => {
      const events = connect({
        send(bytes) {
          last.sent = bytes.length;
          channel.send(bytes);
        },
        close: (code, reason) => channel.close(code, reason),
      });
      return {
        message(bytes) {
          last.received = bytes.length;
          events.message(bytes);
        },
        closed: (code, reason) => events.closed(code, reason),
      };
    }, signal);
}

interface Measured {
  readonly polls: number;
  readonly collector: BenchCollector;
  readonly proxy: CountingProxy;
  readonly clock: SteppedClock;
  readonly panel: WirePanel;
  readonly agent: RunningAgent;
}

async function measure({ polls, collector, proxy, clock, panel, agent }: Measured): Promise<WireFigures> {
  await roundsEnded(collector, 1);
  const connectionBytes = proxy.bytes();
  const sum = { poll: 0, answer: 0, entries: 0, plain: 0 };
  let samples = 0;
  for (let poll = 0; poll < polls; poll++) {
    const stored = keepSamples(clock, panel, agent.journal);
    const taken = await collector.polls.pollNow(agent.lcu);
    await roundsEnded(collector, 2 + poll);
    const { last } = collector.committed;
    if (!taken.ok || taken.value.entriesStored !== stored || !last) throw new Error(`poll ${poll} was not taken whole`);
    samples += stored;
    const head = last.answer.length + FRAME_HEAD_BYTES;
    sum.poll += agent.last.received;
    sum.answer += head;
    sum.entries += agent.last.sent - head;
    sum.plain += last.entries.length + 1;
  }
  const perPoll = (bytes: number): number => Math.round((10 * bytes) / polls) / 10;
  const bytes = proxy.bytes() - connectionBytes;
  const monthOf = (ofPolls: number): number =>
    Math.round((DAYS * (connectionBytes + (POLLS_PER_DAY * ofPolls) / polls)) / (MB / 1000)) / 1000;
  return {
    mbPerMonth: monthOf(bytes),
    bytesPerPoll: perPoll(bytes),
    bytesPerSample: Math.round((10 * bytes) / samples) / 10,
    mbPerMonthPlain: monthOf(bytes - sum.entries + sum.plain),
    pollBytes: perPoll(sum.poll),
    answerBytes: perPoll(sum.answer),
    entryBytes: perPoll(sum.entries),
    plainEntryBytes: perPoll(sum.plain),
    tlsAndWsBytes: perPoll(bytes - sum.poll - sum.answer - sum.entries),
    connectionBytes,
    polls,
  };
}

async function roundsEnded({ polls }: BenchCollector, count: number): Promise<void> {
  while (polls.counts.rounds < count) await pause(systemTimers, 1);
}

/** Array, kind and the head of a signed part of 256 to 65535 bytes. */
const FRAME_HEAD_BYTES = 1 + 1 + 3;

/** Five minutes of samples; gives how many. */
function keepSamples(clock: SteppedClock, panel: WirePanel, journal: Journal): number {
  let kept = 0;
  for (let passed = 0; passed < ROUND_MS; passed += MINUTE_MS) {
    clock.pass(MINUTE_MS);
    for (const sample of panel.samplesAt(clock.now())) {
      journal.append(sample);
      kept++;
    }
  }
  return kept;
}

const HEALTHY: ReadonlyMap<number, number> = new Map([
  [HEALTH.backlog, 10],
  [HEALTH.journalBytes, 12_000_000],
  [HEALTH.diskFreeBytes, 20_000_000_000],
  [HEALTH.uptimeS, 1_728_000],
]);
