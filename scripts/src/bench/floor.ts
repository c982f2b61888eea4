import { createServer as createHttpServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { ledgerKey } from '@farola/collector/ledger/ledger-key.js';
import Database from 'better-sqlite3';
import { type WebSocket, WebSocketServer } from 'ws';
import type { PollBytes } from './poll-bytes.js';

/** What the floor is measured with. */
export interface FloorOptions {
  /** A temporary folder. */
  readonly folder: string;
  readonly tls: { readonly certificate: string; readonly privateKey: string } | undefined;
  readonly bytes: PollBytes;
  readonly sign: (message: Uint8Array) => Uint8Array;
  readonly verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;
  /** Inserts of one transaction. */
  readonly groupSize: number;
  /** Numbers of the LCUs in the order in which they are polled, which their keys follow. */
  readonly lcuNos: readonly number[];
  /** Polls in flight at once. */
  readonly inFlight: number;
}

/**
 * What a poll costs at the very least, with the same libraries and the same bytes: one signature, one bare ws round trip,
 * one verification, one prepared insert, in transactions of the same size.
 */
export class Floor {
  readonly #options: FloorOptions;
  readonly #http: ReturnType<typeof createHttpServer>;
  readonly #sockets: WebSocket[] = [];
  readonly #db: Database.Database;
  readonly #insertAll: (keys: readonly number[]) => void;
  #answered: WebSocket[] = [];
  #asked = 0;
  #stored = 0;
  #over: () => boolean = () => true;
  #finish: (polls: number) => void = () => undefined;

  constructor(options: FloorOptions) {
    this.#options = options;
    const { tls, folder, bytes } = options;
    this.#http = tls
      ? createTlsServer({ cert: tls.certificate, key: tls.privateKey, minVersion: 'TLSv1.2' })
      : createHttpServer();
    const server = new WebSocketServer({ server: this.#http, perMessageDeflate: false, skipUTF8Validation: true });
    server.on('connection', (socket) => {
      this.#sockets.push(socket);
      socket.on('message', (frame: Buffer) => this.#receive(socket, frame));
    });
    this.#db = new Database(join(folder, 'floor.db'));
    this.#db.pragma('journal_mode = WAL');
    this.#db.pragma('synchronous = FULL');
    this.#db.exec('CREATE TABLE answers (key INTEGER PRIMARY KEY, poll BLOB, answer BLOB, entries BLOB) STRICT');
    const insert = this.#db.prepare<[number, Uint8Array, Uint8Array, Uint8Array]>('INSERT INTO answers VALUES (?, ?, ?, ?)');
    this.#insertAll = this.#db.transaction((keys: readonly number[]) => {
      for (const key of keys) insert.run(key, bytes.poll, bytes.answer, bytes.entries);
    });
  }

  /** Listens on a free port of the loopback and gives it. */
  listen(): Promise<number> {
    return new Promise((resolve) => {
      this.#http.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => resolve((this.#http.address() as AddressInfo).port));
    });
  }

  /** Polls the connections in turn until `over`; gives how many polls were stored. */
  run(over: () => boolean): Promise<number> {
    const before = this.#stored;
    this.#over = over;
    return new Promise((resolve) => {
      this.#finish = (stored) => resolve(stored - before);
      for (let i = 0; i < this.#options.inFlight; i++) this.#ask();
    });
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.terminate();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
    this.#db.close();
  }

  #ask(): void {
    const { sign, bytes } = this.#options;
    const socket = this.#sockets[this.#asked++ % this.#sockets.length];
    sign(bytes.pollToSign);
    socket?.send(bytes.pollFrame, { binary: true });
  }

  #receive(socket: WebSocket, frame: Buffer): void {
    const { verify, bytes, groupSize, inFlight } = this.#options;
    if (!verify(bytes.publicKey, bytes.answerToVerify, bytes.signature)) throw new RangeError('the floor verifies nothing');
    if (frame.length !== bytes.answerFrame.length) throw new RangeError('the floor answers something else');
    this.#answered.push(socket);
    const inAir = this.#asked - this.#stored - this.#answered.length;
    if (this.#answered.length < Math.min(groupSize, inFlight) && inAir > 0) return;
    this.#store();
  }

  #store(): void {
    const count = this.#answered.length;
    this.#answered = [];
    this.#insertAll(Array.from({ length: count }, (_, i) => this.#keyOf(this.#stored + i)));
    this.#stored += count;
    if (!this.#over()) for (let i = 0; i < count; i++) this.#ask();
    else if (this.#stored === this.#asked) this.#finish(this.#stored);
  }

  /** A slot for each round, and in it the key of the LCU whose turn it is. */
  #keyOf(poll: number): number {
    const { lcuNos } = this.#options;
    return ledgerKey({ slot: Math.floor(poll / lcuNos.length), lcuNo: lcuNos[poll % lcuNos.length] ?? 0, ordinal: 0 });
  }
}
