import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { Journal } from '@farola/agent/journal/journal.js';
import type { Lcu } from '@farola/collector/fleet/fleet.js';
import { encodeEntry, toHex } from '@farola/shared';
import { type CollectorRig, openRig } from './collector-rig.js';
import { FakeTime } from './fake-time.js';
import { connectMessages, type MessageLink, type MessageLinkOptions, type Network, perfect } from './message-link.js';
import { storedEntries } from './stored-entries.js';
import { temporaryFolder } from './temporary-folder.js';
import { openTestJournal, sampleEntry, type TestJournalOptions } from './test-journal.js';
import { testSigner } from './test-signer.js';

const LCU_ID = 'malaga-0042';
const SIGNER = testSigner(2);

/** A real journal behind a real link, and a real collector; only network and clock are ours. */
export class JournalScene {
  /** What was written, by `epoch/n`. */
  readonly written = new Map<string, string>();
  /** What the agent sent, in order. */
  readonly sent: Uint8Array[] = [];
  readonly time = new FakeTime();
  /** Folder of the journal. */
  readonly folder: string;
  readonly known: Lcu;
  rig: CollectorRig;
  journal: Journal;
  link: MessageLink | undefined;
  readonly #t: ExecutionContext;
  /** Folder of the collector: `ledger` and `state.db`. */
  readonly collector: string;
  readonly #options: TestJournalOptions;

  private constructor(
    t: ExecutionContext,
    options: TestJournalOptions,
    parts: { folder: string; collector: string; rig: CollectorRig; journal: Journal; time: FakeTime },
  ) {
    this.#t = t;
    this.#options = { ...options, time: parts.time };
    this.collector = parts.collector;
    this.folder = parts.folder;
    this.time = parts.time;
    this.rig = parts.rig;
    this.journal = parts.journal;
    this.known = parts.rig.enrol(LCU_ID, SIGNER);
  }

  /** Opens one; everything is closed at the end of the test. */
  static async open(t: ExecutionContext, options: TestJournalOptions = {}, time = new FakeTime()): Promise<JournalScene> {
    const [folder, collector] = [temporaryFolder(t), temporaryFolder(t)];
    const rig = await openRig(t, { ...foldersIn(collector), time });
    const journal = await openTestJournal(folder, { ...options, time });
    const scene = new JournalScene(t, options, { folder, collector, rig, journal, time });
    t.teardown(() => scene.journal.close());
    return scene;
  }

  fill(count: number): void {
    for (let i = 0; i < count; i++) {
      const entry = sampleEntry(this.written.size, 10, this.time.now());
      this.written.set(`${toHex(this.journal.epoch)}/${this.journal.append(entry)}`, toHex(encodeEntry(entry)));
    }
  }

  connect(network: Network = perfect, insert?: MessageLinkOptions['insert']): MessageLink {
    const { rig, journal, time } = this;
    const onSent = (message: Uint8Array): void => void this.sent.push(message);
    const options = { rig, journal, lcuId: LCU_ID, signer: SIGNER, timers: time, network, onSent };
    this.link = connectMessages(insert ? { ...options, insert } : options);
    return this.link;
  }

  /** Goes on over a network, dialling again at the minute after each connection that is gone; gives their number. */
  async run(minutes: number, network: Network, onMinute: () => void): Promise<number> {
    let connections = 0;
    for (let minute = 0; minute < minutes; minute++) {
      if (!this.link || this.link.isClosed()) {
        this.connect(network);
        connections++;
      }
      onMinute();
      await this.time.advance(60_000);
    }
    return connections;
  }

  /** The agent is started again, after something was done to its file. */
  async restartAgent(between: () => void = () => undefined): Promise<void> {
    this.link?.cut();
    this.journal.close();
    between();
    this.journal = await openTestJournal(this.folder, this.#options);
  }

  /** Stops the collector and keeps a copy of what it holds. */
  async backUp(copy: string): Promise<void> {
    await this.#stopCollector();
    cpSync(this.collector, copy, { recursive: true });
    await this.#startCollector();
  }

  /** Puts such a copy in the place of what the collector holds. */
  async restore(copy: string): Promise<void> {
    await this.#stopCollector();
    rmSync(this.collector, { recursive: true });
    cpSync(copy, this.collector, { recursive: true });
    await this.#startCollector();
  }

  /** What was written and is not stored as it was written. Throws when anything is stored twice. */
  missing(): string[] {
    const stored = storedEntries(this.rig, this.known.lcuNo);
    return [...this.written].filter(([id, bytes]) => stored.get(id) !== bytes).map(([id]) => id);
  }

  async #stopCollector(): Promise<void> {
    this.link?.cut();
    await this.rig.close();
  }

  async #startCollector(): Promise<void> {
    this.rig = await openRig(this.#t, { ...foldersIn(this.collector), time: this.time });
  }
}

function foldersIn(collector: string): { ledger: string; state: string } {
  return { ledger: join(collector, 'ledger'), state: collector };
}
