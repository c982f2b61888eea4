import {
  ANSWER,
  COMMAND,
  COMMAND_ANSWER,
  type AnalyserRow,
  encodeMessage,
  ENROL_ANSWER,
  ENROL_CHALLENGE,
  ENROL_REQUEST,
  type EnrolmentToken,
  HELLO,
  HELLO_ANSWER,
  KEYS,
  KEYS_TAKEN,
  type KindName,
  KINDS,
  type KnownEntry,
  type MessageType,
  POLL,
  sha256,
  type Signer,
  signMessage,
} from '@farola/shared';
import type { z } from 'zod';
import { testSigner } from '../../../fakes/test-signer.js';

/** Bytes that everybody can tell: the same one, `length` times. */
export function fill(length: number, byte: number): Uint8Array {
  return new Uint8Array(length).fill(byte);
}

/** Keys of the examples: the seed of each is one byte, 32 times. */
export const SIGNERS = {
  root: testSigner(1),
  poll: testSigner(2),
  command: testSigner(3),
  lcu: testSigner(4),
  otherLcu: testSigner(5),
  otherPoll: testSigner(6),
} as const satisfies Record<string, Signer>;

export const LCU_ID = 'malaga-0042';
export const COLLECTOR_ID = 'costa-1';
export const EPOCH = fill(8, 0x0e);
export const BOOT = fill(16, 0x0b);
/** 2026-11-22 18:00 UTC. */
export const WALL_MS = Date.UTC(2026, 10, 22, 18, 0, 0);

const SECRET = fill(16, 0x5e);
const LCU_NONCE = fill(16, 0xa1);
const POLL_NONCE = fill(16, 0xa2);
const HELLO_NONCE = fill(16, 0xa3);
const CHALLENGE_NONCE = fill(16, 0xa4);

/** One message with fields that fit. */
export interface Example<Schema extends z.ZodObject = z.ZodObject> {
  readonly type: MessageType<Schema>;
  readonly value: z.input<Schema>;
  readonly signer: Signer;
}

function example<Schema extends z.ZodObject>(type: MessageType<Schema>, value: z.input<Schema>, signer: Signer): Example {
  return { type, value, signer };
}

const keysValue: z.input<typeof KEYS.schema> = {
  version: 1,
  collectorId: COLLECTOR_ID,
  sequence: 1,
  rootKey: SIGNERS.root.publicKey,
  pollKeys: [SIGNERS.poll.publicKey],
  commandKeys: [SIGNERS.command.publicKey],
  pins: [fill(32, 0x91)],
  issuedAt: WALL_MS,
};
/** The signed keys statement of the examples. */
export const SIGNED_KEYS = signMessage(KEYS, keysValue, SIGNERS.root);
/** Its payload. */
export const KEYS_PAYLOAD = encodeMessage(KEYS, keysValue);

const requestValue: z.input<typeof ENROL_REQUEST.schema> = {
  version: 1,
  lcuId: LCU_ID,
  collectorId: COLLECTOR_ID,
  nonce: CHALLENGE_NONCE,
  publicKey: SIGNERS.lcu.publicKey,
  tokenHash: sha256(SECRET),
  agentVersion: '0.1.0',
  assurance: 0,
  evidence: [],
};
/** The payload of the enrol-request of the examples. */
export const REQUEST_PAYLOAD = encodeMessage(ENROL_REQUEST, requestValue);

const pollValue: z.input<typeof POLL.schema> = {
  version: 1,
  lcuId: LCU_ID,
  collectorId: COLLECTOR_ID,
  lcuNonce: LCU_NONCE,
  pollId: 7,
  nonce: POLL_NONCE,
  deadlineMs: 20_000,
  issuedAt: WALL_MS,
  acks: [[EPOCH, 1000, fill(32, 0xc1)]],
  want: [1, EPOCH, 1000],
};
const commandValue = {
  version: 1,
  lcuId: LCU_ID,
  collectorId: COLLECTOR_ID,
  lcuNonce: LCU_NONCE,
  sequence: 3,
  command: 1,
  argument: new TextEncoder().encode('sampleSeconds: 30\n'),
  by: 'ana',
  reason: 'a new meter',
  validForMs: 604_800_000,
  issuedAt: WALL_MS,
};
const signedPoll = signMessage(POLL, pollValue, SIGNERS.poll);

/** One message of each kind that is exchanged, in the order of a connection. The proof has its own test. */
export const EXAMPLES: readonly Example[] = [
  example(
    HELLO,
    { version: 1, collectorId: COLLECTOR_ID, versions: [1], encodings: [1], nonce: HELLO_NONCE, issuedAt: WALL_MS },
    SIGNERS.poll,
  ),
  example(
    HELLO_ANSWER,
    { version: 1, lcuId: LCU_ID, kid: SIGNERS.lcu.kid, nonce: HELLO_NONCE, lcuNonce: LCU_NONCE, boot: BOOT, epoch: EPOCH },
    SIGNERS.lcu,
  ),
  example(POLL, pollValue, SIGNERS.poll),
  example(
    ANSWER,
    {
      version: 1,
      lcuId: LCU_ID,
      pollId: 7,
      nonce: POLL_NONCE,
      pollHash: sha256(signedPoll),
      boot: BOOT,
      epoch: EPOCH,
      now: [86_400_000, WALL_MS, 2],
      from: 1001,
      to: 1010,
      prev: fill(32, 0xc1),
      head: fill(32, 0xc2),
      openEpochs: [[EPOCH, 1, 1010]],
      gaps: [[fill(8, 0x0d), 5, 9, fill(32, 0xc3), fill(32, 0xc4), 1]],
      codeHash: fill(32, 0xc5),
      programHash: null,
      circuits: [0, 1],
      health: new Map([
        [1, 10],
        [2, 4_194_304],
        [3, 2_147_483_648],
        [4, 86_400],
      ]),
    },
    SIGNERS.lcu,
  ),
  example(KEYS, keysValue, SIGNERS.root),
  example(
    KEYS_TAKEN,
    { version: 1, lcuId: LCU_ID, collectorId: COLLECTOR_ID, sequence: 1, keysHash: sha256(KEYS_PAYLOAD) },
    SIGNERS.lcu,
  ),
  example(COMMAND, commandValue, SIGNERS.command),
  example(
    COMMAND_ANSWER,
    {
      version: 1,
      lcuId: LCU_ID,
      commandHash: sha256(signMessage(COMMAND, commandValue, SIGNERS.command)),
      accepted: 3,
      outcome: 'ok',
      detail: '',
    },
    SIGNERS.lcu,
  ),
  example(ENROL_CHALLENGE, { version: 1, collectorId: COLLECTOR_ID, nonce: CHALLENGE_NONCE, keys: SIGNED_KEYS }, SIGNERS.poll),
  example(ENROL_REQUEST, requestValue, SIGNERS.lcu),
  example(
    ENROL_ANSWER,
    { version: 1, lcuId: LCU_ID, requestHash: sha256(REQUEST_PAYLOAD), outcome: 'pending', issuedAt: WALL_MS },
    SIGNERS.poll,
  ),
];

/** The example of this kind. */
export function exampleOf(kind: KindName): Example {
  const found = EXAMPLES.find(({ type }) => type.kind === kind);
  if (!found) throw new RangeError(`no example of ${kind}, number ${KINDS[kind].number}`);
  return found;
}

export const TOKEN: EnrolmentToken = {
  lcuId: LCU_ID,
  collectorId: COLLECTOR_ID,
  address: 'wss://collector.example:8443',
  rootKey: SIGNERS.root.publicKey,
  pin: fill(32, 0x91),
  secret: SECRET,
  expiresAt: WALL_MS + 86_400_000,
};

const at = { monoMs: 86_400_000, wallMs: WALL_MS, quality: 'synchronised' } as const;
const analyser: AnalyserRow = {
  index: 0,
  id: 'main',
  line: 'rs485-1',
  unit: 1,
  profileId: 'circutor-cvm-c10',
  profileHash: fill(32, 0xf1),
  profileOrigin: 'shipped',
  serialNumber: null,
  ctRatio: [100, 5],
  vtRatio: null,
  quantities: [1, 2, 3, 19, 20],
  periodS: 60,
};
const rare: AnalyserRow = {
  ...{
    ...analyser,
    index: 1,
    id: 'lamps',
    unit: 247,
    profileOrigin: 'own',
    serialNumber: 'C10-123456',
    quantities: [],
    periodS: 900,
  },
};

/** Entries of one epoch, with a name each. */
export const ENTRIES: readonly (readonly [string, KnownEntry])[] = [
  [
    'start, first epoch ever',
    {
      kind: 'start',
      at,
      boot: BOOT,
      previous: null,
      codeHash: null,
      configHash: fill(32, 0xf2),
      agentVersion: '0.1.0',
      analysers: [analyser, rare],
    },
  ],
  [
    'start after another epoch',
    {
      kind: 'start',
      at: { ...at, quality: 'none' },
      boot: BOOT,
      previous: { epoch: fill(8, 0x0d), n: 4711, head: fill(32, 0xf3) },
      codeHash: fill(32, 0xf4),
      configHash: fill(32, 0xf2),
      agentVersion: '0.1.0',
      analysers: [],
    },
  ],
  [
    'sample, complete',
    { kind: 'sample', at, analyser: 0, spanMs: 182, status: 'complete', values: [23_012, 23_100, 22_987, 41_235, 1_234_567_890] },
  ],
  [
    'sample, one value missing and one negative',
    { kind: 'sample', at, analyser: 0, spanMs: 190, status: 'partial', values: [23_012, null, 22_987, -5, 1_234_567_891] },
  ],
  [
    'sample, a counter beyond 2^53',
    { kind: 'sample', at, analyser: 0, spanMs: 190, status: 'complete', values: [0, 0, 0, 0, 2n ** 53n + 1n] },
  ],
  [
    'sample, read in two requests',
    {
      kind: 'sample',
      at,
      analyser: 0,
      spanMs: 190,
      status: 'complete',
      values: [23_012, 23_100, 22_987, 41_235, 1_234_567_890],
      marks: {
        offsets: [
          { count: 3, ms: 0 },
          { count: 2, ms: 96 },
        ],
        flags: [],
      },
    },
  ],
  [
    'sample, a voltage beyond its band and a counter that went back',
    {
      kind: 'sample',
      at,
      analyser: 0,
      spanMs: 190,
      status: 'complete',
      values: [26_512, 23_100, 22_987, 41_235, 1_234_567_889],
      marks: {
        offsets: [],
        flags: [
          { code: 4, places: [0] },
          { code: 8, places: [4] },
        ],
      },
    },
  ],
  ['sample, no answer', { kind: 'sample', at, analyser: 1, spanMs: 1000, status: 'timeout', values: [] }],
  [
    'table, one analyser replaced',
    { kind: 'table', at, analysers: [{ ...analyser, index: 2, serialNumber: 'C10-654321' }], retired: [0] },
  ],
  ['clock, first synchronisation', { kind: 'clock', at, before: { monoMs: at.monoMs, wallMs: 86_400_000, quality: 'none' } }],
  ['event, the agent ends', { kind: 'event', at, code: 'stop', facts: [] }],
  ['event, an ack disagrees', { kind: 'event', at, code: 'ack-disagrees', facts: [EPOCH, 12, fill(32, 0xf5)] }],
];

/** Entries of kinds that came later: the chain of the examples is published as it is. */
export const LATER_ENTRIES: readonly (readonly [string, KnownEntry])[] = [
  ['event, what the agent runs on', { kind: 'event', at, code: 'platform-measured', facts: [fill(32, 0xf6), 22] }],
  [
    'event, what the agent runs on was changed',
    {
      kind: 'event',
      at,
      code: 'platform-changed',
      facts: [fill(32, 0xf6), fill(32, 0xf7), 1, ['content /usr/bin/node']],
    },
  ],
];
