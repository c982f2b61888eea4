import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ReleaseBook } from '@farola/collector/fleet/release-book.js';
import { openSqliteState } from '@farola/collector/fleet/sqlite-state.js';
import type { Lcu } from '@farola/collector/fleet/fleet.js';
import type { CommittedAnswer } from '@farola/collector/ledger/group-commit.js';
import { openSqliteLedger } from '@farola/collector/ledger/sqlite-ledger.js';
import type { StrangerLimits } from '@farola/collector/link/admission.js';
import { parseCollectorConfig } from '@farola/collector/config/fs-config.js';
import type { Log } from '@farola/collector/log/log.js';
import { KeysInForce } from '@farola/collector/link/keys-in-force.js';
import { KeysRound } from '@farola/collector/link/keys-round.js';
import { polling } from '@farola/collector/main/polling.js';
import { openSqliteUptime } from '@farola/collector/uptime/sqlite-uptime.js';
import { acceptLcu } from '@farola/collector/link/accept-lcu.js';
import { listenWs } from '@farola/collector/link/ws-listener.js';
import type { PollService } from '@farola/collector/poll/poll-service.js';
import type { AnswerToStore } from '@farola/collector/poll/take-answer.js';
import { type CollectorKeys, loadCollectorKeys, makeCollectorKeys } from '@farola/collector/trust/fs-collector-keys.js';
import { sodiumVerify } from '@farola/collector/trust/sodium-signer.js';
import { type Clock, refuse, sha256, systemClock, systemRandom, systemTimers, type Timers } from '@farola/shared';
import { benchLcuId } from './peer-messages.js';

/** Name of the collector of a bench. */
export const COLLECTOR_ID = 'bench';
const HOST = '127.0.0.1';
/** Revoked releases that each answer is held against. */
const REVOKED = 32;
const DEADLINE_MS = 10_000;
/** Length of a round, ms. */
export const ROUND_MS = 300_000;

/** How to open it. */
export interface BenchCollectorOptions {
  /** A temporary folder. */
  readonly folder: string;
  readonly tls: boolean;
  /** Told of a poll, a connection or a commit that went wrong. */
  readonly failed: (reason: string) => void;
  /** TCP port; any free one unless said. */
  readonly port?: number;
  /** Bounds for connections that are not greeted yet; none unless said. */
  readonly limits?: StrangerLimits;
  /** By what rounds go; by the clock and the timers of this machine unless said. */
  readonly time?: Clock & Timers;
  /** Told of rounds that begin at their place in time. */
  readonly onRoundDue?: () => void;
  /** Told of rounds that have ended. */
  readonly onRoundEnded?: () => void;
}

/** Of a bench that measures something else. */
const UNBOUNDED: StrangerLimits = { most: 1e6, mostPerAddress: 1e6, perSecond: 1e6, perSecondPerAddress: 1e6 };

/** What was committed until now. */
export class Committed {
  #batches = 0;
  #answers = 0;
  /** Numbers of the LCUs of which an answer was committed. */
  readonly lcuNos = new Set<number>();
  /** The answer that was committed last. */
  last: AnswerToStore | undefined;

  /** Takes a batch in. */
  add(batch: readonly CommittedAnswer<AnswerToStore>[]): void {
    this.#batches++;
    this.#answers += batch.length;
    this.last = batch.at(-1)?.answer;
    for (const { answer } of batch) this.lcuNos.add(answer.lcuNo);
  }

  get answers(): number {
    return this.#answers;
  }

  /** Answers of one transaction, on the average. */
  get groupSize(): number {
    return Math.max(1, Math.round(this.#answers / this.#batches));
  }
}

/** The collector as main.ts puts it together, observers and orders too, but for control socket, proof and aggregates. */
export interface BenchCollector {
  readonly port: number;
  readonly keys: CollectorKeys;
  readonly polls: PollService;
  readonly committed: Committed;
  /** Enrols and approves LCUs by their public keys, hexadecimal, in the order of their numbers. */
  enrol(publicKeys: readonly string[]): readonly Lcu[];
  close(): Promise<void>;
}

/** Opens a collector with its stores in a folder; where they are already, with these. */
export async function openBenchCollector(options: BenchCollectorOptions): Promise<BenchCollector> {
  const { folder, tls, failed, port = 0, limits = UNBOUNDED } = options;
  const committed = new Committed();
  const time = options.time ?? { ...systemClock(), ...systemTimers };
  const keysFolder = join(folder, 'keys');
  if (!existsSync(keysFolder)) await makeCollectorKeys(keysFolder, COLLECTOR_ID, HOST, systemClock());
  const loaded = await loadCollectorKeys(keysFolder, COLLECTOR_ID);
  const ledger = await openSqliteLedger({ folder: join(folder, 'ledger') });
  const state = await openSqliteState({ path: join(folder, 'state.db') });
  const uptime = await openSqliteUptime({ path: join(folder, 'uptime.db') });
  const { fleet } = state;
  const verify = await sodiumVerify();
  const log: Log = {
    info: () => undefined,
    warn: (fields, message) => failed(`${message} ${JSON.stringify(fields)}`),
    error: (fields, message) => failed(`${message} ${JSON.stringify(fields)}`),
  };
  const keys = new KeysInForce(loaded.identity);
  const keysRound = new KeysRound({ keys, book: state.keysBook, fleet, verify, clock: time, log });
  const { polls, writer, commit, book } = await polling(
    {
      config: parseCollectorConfig(configOf(folder), 'bench'),
      log,
      keys,
      keysRound,
      command: { signer: loaded.commandSigner },
      ledger,
      state,
      uptime,
      releases: { book: bookOfRevoked() },
      verify,
    },
    {
      clock: time,
      roundTimers: time,
      onState: { failed: (code) => failed(code) },
      uptimeFailed: (error) => failed(String(error)),
      observers: [
        {
          roundDue: () => options.onRoundDue?.(),
          roundEnded: () => options.onRoundEnded?.(),
          roundDecided: () => undefined,
          polled: () => undefined,
        },
      ],
      onCommitted: (batch) => committed.add(batch),
    },
  );
  const common = { identity: loaded.identity, fleet, verify, clock: time, timers: systemTimers, random: systemRandom };
  const listener = await listenWs(
    { host: HOST, port, limits, tls: tls ? loaded.tls : undefined },
    {
      lcu: (channel) =>
        acceptLcu(
          channel,
          common,
          (greeted, of) => polls.attach(greeted, of),
          ({ code }) => failed(code),
        ),
      enrol: (channel) => channel.close('shutting-down'),
      refused: ({ code }) => failed(code),
      failed: () => failed('internal'),
    },
  );
  // As main.ts does each second.
  const chores = setInterval(() => {
    writer.flush();
    book.look();
    book.flush();
    ledger.settle();
  }, 1000);
  return {
    port: listener.port,
    keys: loaded,
    polls,
    committed,
    enrol(publicKeys) {
      const lcus = publicKeys.map((publicKey, number) => enrolOne(fleet, benchLcuId(number), publicKey));
      const { sequence, hash: keysHash } = keys;
      for (const lcu of lcus) keysRound.said({ lcu, sequence, keysHash });
      book.setRoster(lcus);
      polls.review((lcuId) => fleet.find(lcuId));
      return lcus;
    },
    async close() {
      clearInterval(chores);
      await polls.stop();
      await listener.close();
      commit.close();
      writer.flush();
      book.close();
      uptime.close();
      state.close();
      ledger.close();
    },
  };
}

function enrolOne(fleet: Awaited<ReturnType<typeof openSqliteState>>['fleet'], lcuId: string, publicKey: string): Lcu {
  const atMs = systemClock().now().wallMs;
  const tokenHash = sha256(randomBytes(32));
  fleet.invite(lcuId, 'bench', { tokenHash, expiresAtMs: atMs + ROUND_MS }, atMs);
  const enrolment = {
    lcuId,
    tokenHash,
    publicKey: Buffer.from(publicKey, 'hex'),
    request: randomBytes(300),
    words: [],
    assurance: 0,
  };
  fleet.enrol({ ...enrolment, atMs });
  return fleet.approve(lcuId, atMs);
}

/** Rounds of five minutes, and metrics. */
function configOf(folder: string): string {
  return JSON.stringify({
    collectorId: COLLECTOR_ID,
    publicAddress: `wss://${HOST}`,
    stateDir: folder,
    deadlineMs: DEADLINE_MS,
    pollSeconds: ROUND_MS / 1000,
    metrics: {},
  });
}

/** As many revoked releases as some years bring; the LCUs run none of them. */
function bookOfRevoked(): ReleaseBook {
  const revoked = { atMs: 0, reason: 'old' };
  const stored = Array.from({ length: REVOKED }, (_, i) => {
    return { codeHash: sha256(Buffer.from(`revoked ${i}`)), file: null, addedAtMs: 0, revoked };
  });
  return new ReleaseBook(stored, () => refuse('release-malformed'));
}
