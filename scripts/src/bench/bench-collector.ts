import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ReleaseBook } from '@farola/collector/fleet/release-book.js';
import { openSqliteState } from '@farola/collector/fleet/sqlite-state.js';
import type { Lcu } from '@farola/collector/fleet/fleet.js';
import { type CommittedAnswer, GroupCommit } from '@farola/collector/ledger/group-commit.js';
import { openSqliteLedger } from '@farola/collector/ledger/sqlite-ledger.js';
import type { StrangerLimits } from '@farola/collector/link/admission.js';
import { acceptLcu } from '@farola/collector/link/accept-lcu.js';
import { listenWs } from '@farola/collector/link/ws-listener.js';
import { Contacts } from '@farola/collector/poll/contacts.js';
import { Deadlines } from '@farola/collector/poll/deadlines.js';
import { DerivedWriter } from '@farola/collector/poll/derived-writer.js';
import { PollService } from '@farola/collector/poll/poll-service.js';
import type { AnswerToStore } from '@farola/collector/poll/take-answer.js';
import { type CollectorKeys, loadCollectorKeys, makeCollectorKeys } from '@farola/collector/trust/fs-collector-keys.js';
import { sodiumVerify } from '@farola/collector/trust/sodium-signer.js';
import { type Clock, refuse, sha256, systemClock, systemRandom, systemTimers, type Timers } from '@farola/shared';
import { benchLcuId } from './peer-messages.js';

/** Name of the collector of a bench. */
export const COLLECTOR_ID = 'bench';
const HOST = '127.0.0.1';
/** As in main.ts. */
const DERIVED_AT_A_TIME = 1000;
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

/** The collector as main.ts puts it together, but for control socket and configuration. */
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
  const keys = await loadCollectorKeys(keysFolder, COLLECTOR_ID);
  const ledger = await openSqliteLedger({ folder: join(folder, 'ledger') });
  const state = await openSqliteState({ path: join(folder, 'state.db') });
  const { fleet, derived } = state;
  const common = { clock: time, timers: systemTimers, random: systemRandom, verify: await sodiumVerify() };
  const contacts = new Contacts(derived);
  const writer = new DerivedWriter(derived, contacts, DERIVED_AT_A_TIME);
  const commit = new GroupCommit<AnswerToStore>({
    ledger,
    timers: systemTimers,
    onStoring: (batch) => writer.storing(batch),
    onCommitted: (batch) => {
      writer.committed(batch);
      committed.add(batch);
    },
    onFailedHook: (error) => failed(String(error)),
  });
  const revokedCodes = bookOfRevoked();
  const polls = new PollService({
    ...common,
    timers: time,
    deadlines: new Deadlines(time, systemTimers, DEADLINE_MS),
    revoked: (codeHash) => revokedCodes.revoked(codeHash),
    ledger,
    commit,
    fleet,
    derived: writer,
    contacts,
    log: {
      info: () => undefined,
      warn: (fields, message) => failed(`${message} ${JSON.stringify(fields)}`),
      error: (fields, message) => failed(`${message} ${JSON.stringify(fields)}`),
    },
    collectorId: COLLECTOR_ID,
    pollSigner: () => keys.identity.pollSigner,
    roundMs: ROUND_MS,
  });
  const listener = await listenWs(
    { host: HOST, port, limits, tls: tls ? keys.tls : undefined },
    {
      lcu: (channel) =>
        acceptLcu(
          channel,
          { ...common, identity: keys.identity, fleet },
          (greeted, of) => polls.attach(greeted, of),
          ({ code }) => failed(code),
        ),
      enrol: (channel) => channel.close('shutting-down'),
      refused: ({ code }) => failed(code),
      failed: () => failed('internal'),
    },
  );
  const flushing = setInterval(() => writer.flush(), 1000);
  return {
    port: listener.port,
    keys,
    polls,
    committed,
    enrol: (publicKeys) => publicKeys.map((publicKey, number) => enrolOne(fleet, benchLcuId(number), publicKey)),
    async close() {
      clearInterval(flushing);
      await polls.stop();
      await listener.close();
      commit.close();
      writer.flush();
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

/** As many revoked releases as some years bring; the LCUs run none of them. */
function bookOfRevoked(): ReleaseBook {
  const revoked = { atMs: 0, reason: 'old' };
  const stored = Array.from({ length: REVOKED }, (_, i) => {
    return { codeHash: sha256(Buffer.from(`revoked ${i}`)), file: null, addedAtMs: 0, revoked };
  });
  return new ReleaseBook(stored, () => refuse('release-malformed'));
}
