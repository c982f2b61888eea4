import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { openSqliteState, type SqliteState } from '@farola/collector/fleet/sqlite-state.js';
import type { GroupCommit } from '@farola/collector/ledger/group-commit.js';
import { WallClockWatch } from '@farola/collector/fleet/wall-clock-watch.js';
import { openSqliteLedger } from '@farola/collector/ledger/sqlite-ledger.js';
import type { CollectorIdentity } from '@farola/collector/link/collector-identity.js';
import { acceptLcu } from '@farola/collector/link/accept-lcu.js';
import { CommandRound } from '@farola/collector/link/command-round.js';
import { LcuLines } from '@farola/collector/log/lcu-lines.js';
import { eventTeller } from '@farola/collector/main/event-teller.js';
import { composePolling } from '@farola/collector/poll/compose-polling.js';
import { Contacts } from '@farola/collector/poll/contacts.js';
import { DerivedWriter } from '@farola/collector/poll/derived-writer.js';
import type { PollService } from '@farola/collector/poll/poll-service.js';
import type { AnswerToStore } from '@farola/collector/poll/take-answer.js';

import type { FindRevoked } from '@farola/collector/verify/check-code.js';
import type { Contact, EventFact } from '@farola/collector/fleet/derived-state.js';
import type { Fleet, Lcu } from '@farola/collector/fleet/fleet.js';
import { type AnalyserRow, sha256, type Signer } from '@farola/shared';
import { bootOf, SimulatedLcu } from '#scripts/simulated-lcu.js';
import { AskCounts } from './ask-counts.js';
import { FakeTime } from './fake-time.js';
import { MemoryChannel } from './memory-channel.js';
import { seededRandom } from './seeded-random.js';
import { testIdentity } from './test-collector.js';
import { sodiumVerify } from './sodium-verify.js';
import { testSigner } from './test-signer.js';

export const ROUND_MS = 300_000;
export const DEADLINE_MS = 10_000;

/** A line of the collector's log. */
export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** Its public key is in the statement of `testIdentity`. */
const COMMAND_SIGNER = testSigner(102);

type SqliteLedger = Awaited<ReturnType<typeof openSqliteLedger>>;

/** The collector from channel to ledger, on real SQLite and a clock that a test moves. */
export class CollectorRig {
  readonly time: FakeTime;
  readonly log: LogLine[] = [];
  /** What bounds the lines of each LCU. */
  readonly lines: LcuLines;
  readonly refused: string[] = [];
  /** What is revoked; nothing unless a test says so. */
  revoked: FindRevoked = () => undefined;
  /** What its polls asked of ledger and derived state. */
  readonly counts = new AskCounts();
  /** Events that were notified. */
  readonly told: EventFact[] = [];
  readonly identity: CollectorIdentity;
  readonly ledger: SqliteLedger;
  readonly state: SqliteState;
  readonly fleet: Fleet;
  readonly polls: PollService;
  readonly commit: GroupCommit<AnswerToStore>;
  readonly writer: DerivedWriter;
  readonly clockWatch: WallClockWatch;
  /** What brings commands. */
  readonly commands: CommandRound;

  constructor(ledger: SqliteLedger, state: SqliteState, time: FakeTime, identity = testIdentity()) {
    this.identity = identity;
    this.ledger = ledger;
    this.state = state;
    this.fleet = state.fleet;
    this.time = time;
    const counted = this.counts.of(ledger);
    const contacts = new Contacts(state.derived);
    const keep = (level: LogLine['level']) => (fields: object, message: string) =>
      void this.log.push({ level, fields: { ...fields }, message });
    const log = new LcuLines({ info: keep('info'), warn: keep('warn'), error: keep('error') });
    this.lines = log;
    const tell = eventTeller(log, state.fleet);
    this.writer = new DerivedWriter(this.counts.of(state.derived), contacts, 1, (events) => {
      this.told.push(...events);
      tell(events);
    });
    this.clockWatch = new WallClockWatch({ clock: time, losses: state.ageLosses, log });
    this.clockWatch.start();
    const signing = { collectorId: 'malaga', commandSigner: () => COMMAND_SIGNER };
    this.commands = new CommandRound({ ...signing, book: state.commands, verify: sodiumVerify, clock: time, log });
    const composed = composePolling({
      ledger: counted,
      appender: counted,
      fleet: state.fleet,
      writer: this.writer,
      contacts,
      log,
      orders: [this.commands],
      collectorId: 'malaga',
      pollSigner: () => this.identity.pollSigner,
      verify: sodiumVerify,
      revoked: (codeHash) => this.revoked(codeHash),
      clock: time,
      timers: time,
      roundTimers: time,
      random: seededRandom('rig'),
      deadlineMs: DEADLINE_MS,
      roundMs: ROUND_MS,
      observers: [],
      onFailedHook: (error) => {
        throw error;
      },
    });
    this.polls = composed.polls;
    this.commit = composed.commit;
  }

  /** An active LCU of the fleet with this key, as enrolment leaves it. */
  enrol(lcuId: string, signer: Signer): Lcu {
    const { fleet } = this.state;
    const tokenHash = sha256(signer.publicKey);
    const { wallMs } = this.time.now();
    fleet.invite(lcuId, 'alameda-7', { tokenHash, expiresAtMs: wallMs + 1000 }, wallMs);
    const { publicKey } = signer;
    fleet.enrol({ lcuId, tokenHash, publicKey, request: new Uint8Array(1), words: ['a'], assurance: 0, atMs: wallMs });
    return fleet.approve(lcuId, wallMs);
  }

  /** An LCU in memory with the key of `testSigner(byte)`. */
  simulate(lcuId: string, byte: number, analysers: readonly AnalyserRow[] = []): SimulatedLcu {
    const [signer, random] = [testSigner(byte), seededRandom(lcuId)];
    return new SimulatedLcu({ lcuId, signer, random, boot: bootOf('b0'), now: () => this.time.now(), analysers });
  }

  /**
   * Connects an LCU: each message of the collector goes to `respond`, and what that gives comes back at once.
   * @param respond by default the honest LCU
   */
  connect(
    lcu: SimulatedLcu,
    respond: (frame: Uint8Array) => Uint8Array | undefined = (frame) => lcu.receive(frame),
  ): MemoryChannel {
    const channel = new MemoryChannel();
    channel.onSent = (frame) => {
      const back = respond(frame);
      if (back) queueMicrotask(() => channel.deliver(back));
    };
    this.accept(channel, lcu.options.lcuId);
    return channel;
  }

  /** Takes a connection as the listener hands it over. @param seed of what is drawn for its hello */
  accept(channel: MemoryChannel, seed: string): void {
    const deps = { identity: this.identity, fleet: this.state.fleet, verify: sodiumVerify, clock: this.time, timers: this.time };
    acceptLcu(
      channel,
      { ...deps, random: seededRandom(`hello-${seed}`) },
      (greeted, of) => this.polls.attach(greeted, of),
      ({ code }) => this.refused.push(code),
    );
  }

  /** What the program does each second, without fleet and uptime. */
  tick(): void {
    this.writer.flush();
    this.clockWatch.look();
  }

  /** Stops it in order; twice does nothing. */
  async close(): Promise<void> {
    const stopped = this.polls.stop();
    this.commit.close();
    await stopped;
    this.state.close();
    this.ledger.close();
  }

  /** The contact of an LCU as the next tick of the program writes it. */
  contact({ lcuNo }: Lcu): Contact | undefined {
    this.writer.flush();
    return this.state.derived.contact(lcuNo);
  }

  /** Entries that the collector owns of an LCU. */
  stored({ lcuNo }: Pick<Lcu, 'lcuNo'>): string[] {
    const { wallMs } = this.time.now();
    return [...this.ledger.rows(lcuNo, 0, wallMs)].flatMap((row) =>
      this.ledger
        .ownedBy(row.key)
        .map(({ epoch, from, to }) => `${Buffer.from(epoch).toString('hex').slice(0, 4)} ${from}..${to}`),
    );
  }
}

/** Where a rig keeps its things, and when it is. */
export interface RigOptions {
  /** Folder of the ledger; a temporary one when it is not told. */
  readonly ledger?: string;
  /** Folder of the state. */
  readonly state?: string;
  readonly time?: FakeTime;
  /** Keys of the collector; fixed ones when they are not told. */
  readonly identity?: CollectorIdentity;
}

/** Opens a rig; it is closed, and what it made is removed, at the end of the test. */
export async function openRig(t: Pick<ExecutionContext, 'teardown'>, options: RigOptions = {}): Promise<CollectorRig> {
  const folder = await mkdtemp(join(tmpdir(), 'farola-rig-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const ledger = await openSqliteLedger({ folder: options.ledger ?? join(folder, 'ledger') });
  const state = await openSqliteState({ path: join(options.state ?? folder, 'state.db') });
  const rig = new CollectorRig(ledger, state, options.time ?? new FakeTime(), options.identity);
  t.teardown(() => rig.close());
  return rig;
}
