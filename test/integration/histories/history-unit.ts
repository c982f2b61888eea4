import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Journal } from '@farola/agent/journal/journal.js';
import { encodeEntry, fromHex, type Instant, type SampleEntry, toHex, WANT } from '@farola/shared';
import { connectMessages, type MessageLink } from '../../fakes/message-link.js';
import { seededRandom } from '../../fakes/seeded-random.js';
import { openTestJournal, sampleEntry } from '../../fakes/test-journal.js';
import { testSigner } from '../../fakes/test-signer.js';
import type { HistoryWorld } from './history-world.js';
import { WatchedJournal } from './watched-journal.js';

/** Name and key of all units of a history. */
export const LCU_ID = 'malaga-0042';
export const SIGNER = testSigner(2);

/** What a journal's disk was at some time: a folder, and what had been written to it. */
export interface DiskImage {
  readonly folder: string;
  /** Samples by `epoch/n`, in hexadecimal. */
  readonly written: ReadonlyMap<string, string>;
  /** Numbers of entries that cannot come any more, as `epoch/n`. */
  readonly gone: ReadonlySet<string>;
  /** Its epochs, the oldest first, in hexadecimal. */
  readonly epochs: readonly string[];
}

/** How the present epoch came to be: whoever does the same from the same disk is in the same epoch. */
interface Run {
  readonly image: DiskImage;
  readonly seed: string;
  readonly began: Instant;
  readonly samples: readonly SampleEntry[];
}

/** A board with a real journal and a real link that speaks for the LCU of a history. */
export class HistoryUnit {
  readonly name: string;
  readonly world: HistoryWorld;
  /** Whether it tells gaps that it does not have. */
  readonly lies: boolean;
  written = new Map<string, string>();
  gone = new Set<string>();
  epochs: string[] = [];
  journal!: WatchedJournal;
  link: MessageLink | undefined;
  #samples: SampleEntry[] = [];
  #run: Run | undefined;
  #opened = 0;
  #pinned: Instant | undefined;

  private constructor(name: string, world: HistoryWorld, lies: boolean) {
    this.name = name;
    this.world = world;
    this.lies = lies;
  }

  /** A new one, or one that begins from an image of another's disk. */
  static async begin(name: string, world: HistoryWorld, image?: DiskImage, lies = false): Promise<HistoryUnit> {
    const unit = new HistoryUnit(name, world, lies);
    if (image) await unit.restore(image);
    else await unit.open();
    return unit;
  }

  /** One that begins from its disk. */
  copy(name: string, lies: boolean): Promise<HistoryUnit> {
    return HistoryUnit.begin(name, this.world, this.image(), lies);
  }

  /** One that is as this one is now, memory and all: it goes on in the same epoch. */
  async twin(name: string, lies: boolean): Promise<HistoryUnit> {
    const run = this.#run as Run;
    const twin = new HistoryUnit(name, this.world, lies);
    twin.#take(run.image);
    twin.#pinned = run.began;
    await twin.open(run.seed);
    for (const entry of run.samples) twin.#write(entry);
    twin.#pinned = undefined;
    return twin;
  }

  get folder(): string {
    return join(this.world.folder, this.name);
  }

  /** Its process starts, which begins an epoch. */
  async open(seed = `${this.world.seed} ${this.name} ${this.#opened++}`): Promise<void> {
    const image = this.image();
    const clock = { now: (): Instant => this.#pinned ?? this.world.time.now() };
    const began = clock.now();
    const { maxBytes } = this.world;
    this.#samples = [];
    this.#run = { image, seed, began, samples: this.#samples };
    const random = seededRandom(seed);
    const journal: Journal = await openTestJournal(this.folder, { maxBytes, random, time: clock });
    this.journal = new WatchedJournal(journal, this);
    this.epochs.push(toHex(journal.epoch));
  }

  /** Its process ends. */
  close(): void {
    this.link?.cut();
    this.journal.close();
  }

  /** Samples of one value each, each a step after the one before. */
  async measure(count: number, stepMs: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      await this.world.time.advance(stepMs);
      this.#write(sampleEntry(this.world.nextMark(), 10, this.world.time.now()));
    }
  }

  /** Whether its journal still has an entry. @param id `epoch/n` */
  holds(id: string): boolean {
    const [epoch = '', n = ''] = id.split('/');
    const [before, after] = [Number(n) - 1, Number(n) + 1];
    return this.journal.select([WANT.range, fromHex(epoch), before, after]).entries.length > 0;
  }

  /** Dials. @param most of its messages that come through; then the network takes no more */
  connect(most = Infinity): void {
    this.link?.cut();
    let sent = 0;
    const { rig, time } = this.world;
    const network = (toCollector: boolean): readonly number[] => (toCollector && ++sent > most ? [] : [0]);
    this.link = connectMessages({ rig, journal: this.journal, lcuId: LCU_ID, signer: SIGNER, timers: time, network });
  }

  /** A copy of its disk as it is now. */
  image(): DiskImage {
    const folder = this.world.newFolder();
    cpSync(this.folder, folder, { recursive: true });
    return { folder, written: new Map(this.written), gone: new Set(this.gone), epochs: [...this.epochs] };
  }

  /** Begins from such a copy. */
  async restore(image: DiskImage): Promise<void> {
    this.#take(image);
    await this.open();
  }

  #take({ folder, written, gone, epochs }: DiskImage): void {
    rmSync(this.folder, { recursive: true, force: true });
    cpSync(folder, this.folder, { recursive: true });
    this.written = new Map(written);
    this.gone = new Set(gone);
    this.epochs = [...epochs];
  }

  #write(entry: SampleEntry): void {
    this.#samples.push(entry);
    const n = this.journal.append(entry);
    this.written.set(`${toHex(this.journal.epoch)}/${n}`, toHex(encodeEntry(entry)));
  }
}
