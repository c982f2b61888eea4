import { Connection, type TakeOrder } from '@farola/agent/link/connection.js';
import { enrol } from '@farola/agent/link/enrol.js';
import { takeCommand } from '@farola/agent/link/take-command.js';
import { takeKeys } from '@farola/agent/link/take-keys.js';
import { TrustedKeys } from '@farola/agent/trust/trusted-keys.js';
import type { OrderedCommand } from '@farola/collector/fleet/commands-book.js';
import { CommandRound } from '@farola/collector/link/command-round.js';
import { judgeKeysTaken } from '@farola/collector/link/hand-keys.js';
import { KeysInForce } from '@farola/collector/link/keys-in-force.js';
import {
  COMMAND,
  codeOf,
  cutFrame,
  cutSigned,
  ENROL_ANSWER,
  ENROL_CHALLENGE,
  encodeFrame,
  KEYS,
  KINDS,
  parseMessage,
  sameBytes,
  sha256,
  type Signer,
  signMessage,
} from '@farola/shared';
import { FakeTime } from '../../fakes/fake-time.js';
import { connectionDeps, helloFrame, LCU_ID, pollFrame, RecordedLog } from '../../fakes/link-bench.js';
import { MemoryChannel } from '../../fakes/memory-channel.js';
import { RecordedChannel } from '../../fakes/recorded-channel.js';
import { sodiumVerify } from '../../fakes/sodium-verify.js';
import { testIdentity, testLcu, testSession } from '../../fakes/test-collector.js';
import { asyncSigner, testSigner } from '../../fakes/test-signer.js';

/** A good frame, one that is good elsewhere, and who receives it: undefined where it is taken, else why not. */
export interface Receiver {
  readonly good: Uint8Array;
  readonly other: Uint8Array;
  readonly receive: (frame: Uint8Array) => Promise<string | undefined>;
}

/** The keys that sign what is received here: those of `testIdentity`, and of its LCU. */
export const [ROOT_KEY, POLL_SIGNER, COMMAND_KEY, LCU_SIGNER] = [100, 101, 102, 2].map(testSigner) as [
  Signer,
  Signer,
  Signer,
  Signer,
];

const IDENTITY = testIdentity();
const COLLECTOR_ID = IDENTITY.collectorId;
const EPOCH = new Uint8Array(8).fill(9);
const NONCE = new Uint8Array(16).fill(5);
const TIME = new FakeTime();
const KEYS_STATEMENT = statementOf(IDENTITY.keys[0]!);
const JOURNAL = {
  epoch: EPOCH,
  select: () => ({ epoch: EPOCH, from: 1, to: 0, prev: new Uint8Array(32), head: new Uint8Array(32), entries: [] }),
  openEpochs: () => [],
  gaps: () => [],
  applyAcks: () => [],
};
const HELLO = helloFrame({}, POLL_SIGNER);
const POLL = pollFrame(NONCE, EPOCH, {}, POLL_SIGNER);
const ORDERED: OrderedCommand = {
  lcuNo: 0,
  command: 1,
  argument: new Uint8Array(3),
  by: 'ana',
  reason: 'a new meter',
  orderedAtMs: 0,
  validUntilMs: TIME.now().wallMs + 1000,
  sequence: 8,
  outcome: null,
  detail: null,
  answeredAtMs: null,
};

/** Everything that is sent beside polls, answers and greetings, each with who receives it in the programs. */
export async function orderReceivers(): Promise<
  Record<'command' | 'keys' | 'keysTaken' | 'commandAnswer' | 'enrolAnswer', Receiver>
> {
  const command = commandFrame(LCU_ID);
  const keys = keysFrame(ROOT_KEY);
  const taken = await answerOf(keys);
  const enrolAnswer = enrolAnswerFrame(await requestHash());
  return {
    command: { good: command, other: commandFrame('malaga-0043'), receive: receiveOrder },
    keys: { good: keys, other: keysFrame(testSigner(99)), receive: receiveOrder },
    keysTaken: { good: taken, other: command, receive: (frame) => Promise.resolve(receiveKeysTaken(frame)) },
    commandAnswer: { good: await answerOf(await roundCommand()), other: await answerOf(command), receive: receiveCommandAnswer },
    enrolAnswer: { good: enrolAnswer, other: enrolAnswerFrame(new Uint8Array(32)), receive: receiveEnrolAnswer },
  };
}

function statementOf(signed: Uint8Array) {
  const cut = cutSigned(signed);
  const parsed = cut.ok ? parseMessage(KEYS, cut.value.payload) : cut;
  if (!parsed.ok) throw new Error(parsed.code);
  return parsed.value;
}

/** The next statement. */
function keysFrame(root: Signer): Uint8Array {
  return encodeFrame(KINDS.keys.number, signMessage(KEYS, { ...KEYS_STATEMENT, sequence: 2 }, root));
}

function commandFrame(lcuId: string): Uint8Array {
  const { sequence, command, argument, by, reason } = ORDERED;
  const order = { sequence, command, argument, by, reason, validForMs: 1000, issuedAt: 0 };
  const message = { version: 1, lcuId, collectorId: COLLECTOR_ID, lcuNonce: NONCE, ...order };
  return encodeFrame(KINDS.command.number, signMessage(COMMAND, message, COMMAND_KEY));
}

/** A connection of an LCU that was polled, and takes orders as its program does. */
async function polled(signer: Signer) {
  const channel = new RecordedChannel();
  const log = new RecordedLog();
  const enrolments = { save: () => Promise.resolve() };
  const enrolment = {
    lcuId: LCU_ID,
    collectorId: COLLECTOR_ID,
    address: 'wss://127.0.0.1:1',
    rootKey: IDENTITY.rootKey,
    keys: IDENTITY.keys[0]!,
    publicKey: LCU_SIGNER.publicKey,
    tokenHash: new Uint8Array(32),
    words: [],
  };
  const trusted = new TrustedKeys(enrolment, KEYS_STATEMENT, { enrolments, verify: sodiumVerify });
  const commands = {
    accepted: 7,
    isCarriedOut: () => false,
    configure: () => Promise.resolve({ outcome: 'ok' as const, detail: '' }),
  };
  const common = { lcuId: LCU_ID, collectorId: COLLECTOR_ID, signer: asyncSigner(signer), verify: sodiumVerify };
  const takeOrder: TakeOrder = ({ kind, signed }, connection) => {
    if (kind === KINDS.keys.number) return takeKeys(signed, { ...common, trusted });
    const deps = { ...common, commandKeys: () => trusted.keys.commandKeys, commands };
    return kind === KINDS.command.number ? takeCommand(signed, connection, deps) : undefined;
  };
  const deps = {
    ...connectionDeps(JOURNAL as never, log, TIME),
    ...common,
    pollKeys: () => trusted.keys.pollKeys,
    takeOrder,
    random: { bytes: () => NONCE },
  };
  const connection = new Connection(channel, deps, { greeted: () => undefined, answered: () => undefined });
  await connection.receive(HELLO);
  await connection.receive(POLL);
  if (channel.sent.length !== 2) throw new Error(log.codes.join(' '));
  return { connection, channel, log };
}

const UNSIGNED: Signer = { ...LCU_SIGNER, sign: () => new Uint8Array(64) };

async function receiveOrder(frame: Uint8Array): Promise<string | undefined> {
  const { connection, channel, log } = await polled(UNSIGNED);
  await connection.receive(frame);
  return channel.sent.length > 2 ? undefined : (log.codes.at(-1) ?? 'silent');
}

/** What the LCU answers an order with. */
async function answerOf(order: Uint8Array): Promise<Uint8Array> {
  const { connection, channel, log } = await polled(LCU_SIGNER);
  await connection.receive(order);
  const [, , answer] = channel.sent;
  if (!answer) throw new Error(log.codes.join(' '));
  return answer;
}

function receiveKeysTaken(frame: Uint8Array): string | undefined {
  const lcu = testLcu('active');
  const fleet = { findByKid: (kid: Uint8Array) => (lcu.key && sameBytes(kid, lcu.key.kid) ? lcu : undefined) };
  const said = judgeKeysTaken(frame, { keys: new KeysInForce(IDENTITY), fleet, verify: sodiumVerify });
  return said.ok ? undefined : said.code;
}

/** A round of the collector that brings the one command, which is answered so. Undefined where the answer is taken. */
async function bring(answer: (command: Uint8Array) => Uint8Array): Promise<string | undefined> {
  const told = { code: 'silent', isTaken: false };
  const book = {
    order: () => ORDERED,
    lcusWaiting: () => [0],
    waiting: () => [ORDERED],
    end: () => void (told.isTaken = true),
    renumber: () => void (told.isTaken = true),
    last: () => undefined,
    lastTaken: () => undefined,
  };
  const line = ({ code }: { readonly code?: unknown }): void => void (told.code = String(code));
  const log = { info: () => undefined, warn: line, error: line };
  const deps = { collectorId: COLLECTOR_ID, commandSigner: () => COMMAND_KEY, book, verify: sodiumVerify, clock: TIME, log };
  const session = testSession(new MemoryChannel(), EPOCH);
  await new CommandRound(deps).deliver(session, (frame) => Promise.resolve({ ok: true, frame: answer(frame) }));
  return told.isTaken ? undefined : told.code;
}

function receiveCommandAnswer(frame: Uint8Array): Promise<string | undefined> {
  return bring(() => frame);
}

/** The command as a round signs it. */
async function roundCommand(): Promise<Uint8Array> {
  let sent: Uint8Array | undefined;
  await bring((command) => (sent = command));
  return sent as Uint8Array;
}

function enrolAnswerFrame(requestHashIs: Uint8Array): Uint8Array {
  const message = { version: 1, lcuId: LCU_ID, requestHash: requestHashIs, outcome: 'pending', issuedAt: 0 };
  return encodeFrame(KINDS.enrolAnswer.number, signMessage(ENROL_ANSWER, message, POLL_SIGNER));
}

const CHALLENGE = encodeFrame(
  KINDS.enrolChallenge.number,
  signMessage(ENROL_CHALLENGE, { version: 1, collectorId: COLLECTOR_ID, nonce: NONCE, keys: IDENTITY.keys[0]! }, POLL_SIGNER),
);

/** An LCU enrols, and its request is answered so. @throws FarolaError of the enrolment */
async function enrolWith(signer: Signer, answer: (request: Uint8Array) => Uint8Array): Promise<void> {
  const { rootKey, pin } = IDENTITY;
  const named = { lcuId: LCU_ID, collectorId: COLLECTOR_ID, address: 'wss://127.0.0.1:1' };
  const key = Promise.resolve(asyncSigner(signer));
  const token = { ...named, rootKey, pin, secret: new Uint8Array(16), expiresAt: 0 };
  const deps = {
    keyStore: { load: () => key, loadOrCreate: () => key },
    enrolments: { load: () => Promise.resolve(undefined), save: () => Promise.resolve() },
    dial: (connect: Parameters<Parameters<typeof enrol>[1]['dial']>[0]) => {
      const events = connect({ send: (request) => events.message(answer(request)), close: () => undefined });
      events.message(CHALLENGE);
      return Promise.resolve();
    },
    verify: sodiumVerify,
    timers: TIME,
    agentVersion: '0.1.0',
  };
  await enrol(token, deps, new AbortController().signal);
}

async function requestHash(): Promise<Uint8Array> {
  let payload: Uint8Array | undefined;
  const noted = enrolWith(LCU_SIGNER, (request) => {
    const cut = cutSigned(cutFrame(request).signed);
    if (cut.ok) ({ payload } = cut.value);
    return new Uint8Array(1);
  });
  await noted.catch(() => undefined);
  return sha256(payload as Uint8Array);
}

async function receiveEnrolAnswer(frame: Uint8Array): Promise<string | undefined> {
  try {
    await enrolWith(UNSIGNED, () => frame);
    return undefined;
  } catch (error) {
    return codeOf(error);
  }
}
