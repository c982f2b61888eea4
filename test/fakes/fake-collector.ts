import { randomBytes, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import {
  type Ack,
  ANSWER,
  type Answer,
  cutFrame,
  encodeFrame,
  ENROL_ANSWER,
  ENROL_CHALLENGE,
  ENROL_REQUEST,
  type EnrolmentToken,
  type Frame,
  HELLO,
  HELLO_ANSWER,
  type HelloAnswer,
  KEYS,
  KINDS,
  openSigned,
  parseMessage,
  cutSigned,
  POLL,
  sha256,
  signMessage,
  sixWords,
  type Want,
  pinOf,
} from '@farola/shared';
import type { ExecutionContext } from 'ava';
import { type WebSocket, WebSocketServer } from 'ws';
import { testAuthority } from './test-authority.js';
import { newTestSigner, nodeVerify } from './test-signer.js';

/** One connection of an agent, message by message. */
export class AgentConnection {
  readonly #ws: WebSocket;
  readonly #messages: Buffer[] = [];
  readonly #waiting: ((message: Buffer | undefined) => void)[] = [];
  /** Close code and reason of the agent. */
  closed: { code: number; reason: string } | undefined;

  constructor(ws: WebSocket) {
    this.#ws = ws;
    ws.on('error', () => undefined);
    ws.on('message', (data: Buffer) => {
      const waiting = this.#waiting.shift();
      if (waiting) waiting(data);
      else this.#messages.push(data);
    });
    ws.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      for (const waiting of this.#waiting.splice(0)) waiting(undefined);
    });
  }

  send(bytes: Uint8Array | string): void {
    this.#ws.send(bytes);
  }

  close(reason: string): void {
    this.#ws.close(4000, reason);
  }

  terminate(): void {
    this.#ws.terminate();
  }

  /** The next message; undefined when the agent closed instead. */
  async next(): Promise<Frame | undefined> {
    const message =
      this.#messages.shift() ??
      (this.closed ? undefined : await new Promise<Buffer | undefined>((resolve) => this.#waiting.push(resolve)));
    return message && cutFrame(message);
  }
}

/** The parts of a collector that an agent meets, on a real port, over TLS. */
export interface FakeCollector {
  readonly collectorId: string;
  readonly address: string;
  readonly pollKey: ReturnType<typeof newTestSigner>;
  readonly rootKey: ReturnType<typeof newTestSigner>;
  readonly pin: Uint8Array;
  readonly keys: Uint8Array;
  token(lcuId: string, secret?: Uint8Array): EnrolmentToken;
  /** The next connection on this path. */
  connection(path: '/v1/lcu' | '/v1/enrol'): Promise<AgentConnection>;
  /** Connections so far. */
  readonly count: number;
}

/** Starts a fake collector that closes when the test ends. */
export async function fakeCollector(t: ExecutionContext, collectorId = 'malaga'): Promise<FakeCollector> {
  const { authority, server } = await testAuthority(collectorId);
  const http = createServer({ cert: server.certificate, key: server.privateKey });
  const sockets = new WebSocketServer({ server: http, perMessageDeflate: false });
  await listen(http);
  t.teardown(() => {
    for (const ws of sockets.clients) ws.terminate();
    http.close();
  });
  const rootKey = newTestSigner();
  const pollKey = newTestSigner();
  const pin = pinOf(new X509Certificate(authority.certificate));
  const address = `wss://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const arrived: [string, AgentConnection][] = [];
  let count = 0;
  let wake: () => void = () => undefined;
  sockets.on('connection', (ws, request) => {
    count++;
    arrived.push([request.url ?? '', new AgentConnection(ws)]);
    wake();
  });
  const statement = {
    version: 1,
    collectorId,
    sequence: 1,
    rootKey: rootKey.publicKey,
    pollKeys: [pollKey.publicKey],
    commandKeys: [pollKey.publicKey],
    pins: [pin],
    issuedAt: 0,
  };
  return {
    collectorId,
    address,
    pollKey,
    rootKey,
    pin,
    keys: signMessage(KEYS, statement, rootKey),
    get count() {
      return count;
    },
    token: (lcuId, secret = new Uint8Array(16).fill(5)) => ({
      lcuId,
      collectorId,
      address,
      rootKey: rootKey.publicKey,
      pin,
      secret,
      expiresAt: Date.UTC(2030, 0, 1),
    }),
    async connection(path) {
      for (;;) {
        const index = arrived.findIndex(([url]) => url === path);
        const found = arrived.splice(index, index < 0 ? 0 : 1)[0];
        if (found) return found[1];
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
  };
}

async function listen(http: Server): Promise<void> {
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
}

/** Says hello and takes the hello-answer. */
export async function greet(collector: FakeCollector, connection: AgentConnection): Promise<HelloAnswer> {
  const { collectorId, pollKey } = collector;
  const nonce = new Uint8Array(randomBytes(16));
  const fields = { version: 1, collectorId, versions: [1], encodings: [], nonce, issuedAt: 0 };
  const hello = signMessage(HELLO, fields, pollKey);
  connection.send(encodeFrame(KINDS.hello.number, hello));
  const frame = await connection.next();
  if (frame?.kind !== KINDS.helloAnswer.number) throw new Error(`no hello-answer, ${JSON.stringify(connection.closed)}`);
  const cut = cutSigned(frame.signed);
  const parsed = cut.ok ? parseMessage(HELLO_ANSWER, cut.value.payload) : cut;
  if (!parsed.ok) throw new Error(parsed.code);
  return parsed.value;
}

/** A verified answer and its entries. */
export interface TakenAnswer {
  readonly answer: Answer;
  readonly entries: readonly Uint8Array[];
}

/** Asks one poll and verifies the answer. */
export async function pollOnce(
  collector: FakeCollector,
  connection: AgentConnection,
  { lcuId, lcuNonce }: Pick<HelloAnswer, 'lcuId' | 'lcuNonce'>,
  lcuKey: Uint8Array,
  question: { pollId: number; want: Want; acks?: Ack[] },
): Promise<TakenAnswer> {
  const { collectorId, pollKey } = collector;
  const nonce = new Uint8Array(randomBytes(16));
  const common = { version: 1, lcuId, collectorId, lcuNonce, nonce, deadlineMs: 10_000, issuedAt: 0 };
  const signed = signMessage(POLL, { ...common, acks: [], ...question }, pollKey);
  connection.send(encodeFrame(KINDS.poll.number, signed));
  const frame = await connection.next();
  if (!frame) throw new Error(`closed: ${JSON.stringify(connection.closed)}`);
  const opened = openSigned(ANSWER, frame.signed, [lcuKey], nodeVerify);
  if (!opened.ok) throw new Error(opened.code);
  if (Buffer.compare(opened.value.pollHash, sha256(signed)) !== 0) throw new Error('poll-mismatch');
  return { answer: opened.value, entries: frame.attachment?.items ?? [] };
}

/** Plays the collector's part of one enrolment; gives the key that was presented and the six words. */
export async function acceptEnrolment(
  collector: FakeCollector,
  connection: AgentConnection,
  outcome = 'pending',
): Promise<{ publicKey: Uint8Array; words: string[]; secret: Uint8Array }> {
  const { collectorId, pollKey, keys } = collector;
  const nonce = new Uint8Array(randomBytes(16));
  const challenge = signMessage(ENROL_CHALLENGE, { version: 1, collectorId, nonce, keys }, pollKey);
  connection.send(encodeFrame(KINDS.enrolChallenge.number, challenge));
  const frame = await connection.next();
  const cut = frame && cutSigned(frame.signed);
  if (!cut?.ok) throw new Error(`no request: ${JSON.stringify(connection.closed)}`);
  const request = parseMessage(ENROL_REQUEST, cut.value.payload);
  if (!request.ok) throw new Error(request.code);
  const { lcuId, publicKey } = request.value;
  const proven = openSigned(ENROL_REQUEST, frame!.signed, [publicKey], nodeVerify);
  if (!proven.ok) throw new Error(proven.code);
  const requestHash = sha256(cut.value.payload);
  const answer = signMessage(ENROL_ANSWER, { version: 1, lcuId, requestHash, outcome, issuedAt: 0 }, pollKey);
  connection.send(encodeFrame(KINDS.enrolAnswer.number, answer));
  const statement = cutSigned(keys);
  if (!statement.ok) throw new Error(statement.code);
  return {
    publicKey,
    words: sixWords(statement.value.payload, cut.value.payload),
    secret: frame!.attachment?.items[0] ?? new Uint8Array(),
  };
}
