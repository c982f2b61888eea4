import { type Commands, takeCommand } from '@farola/agent/link/take-command.js';
import {
  COMMAND,
  COMMAND_ANSWER,
  type Command,
  cutFrame,
  type ErrorCode,
  openSigned,
  POLL,
  seal,
  contentTypeOf,
  encodeMessage,
  sha256,
  signMessage,
} from '@farola/shared';
import test from 'ava';
import { asyncSigner, nodeVerify, testSigner } from '../../fakes/test-signer.js';

const COMMAND_KEY = testSigner(1);
const LCU = testSigner(2);
const NONCE = new Uint8Array(16).fill(3);
const GOOD: Command = {
  version: 1,
  lcuId: 'malaga-0042',
  collectorId: 'malaga',
  lcuNonce: NONCE,
  sequence: 8,
  command: 1,
  argument: new Uint8Array(3),
  by: 'ana',
  reason: 'a new meter',
  validForMs: 1000,
  issuedAt: 0,
};
const sign = (change: Partial<Command> = {}, key = COMMAND_KEY): Uint8Array => signMessage(COMMAND, { ...GOOD, ...change }, key);

function bench(inForce?: number) {
  const carriedOut: number[] = [];
  const commands: Commands = {
    accepted: 7,
    isCarriedOut: ({ sequence }) => sequence === inForce,
    configure: ({ sequence }) => {
      carriedOut.push(sequence);
      return Promise.resolve({ outcome: 'ok', detail: '' });
    },
  };
  const common = { lcuId: 'malaga-0042', collectorId: 'malaga', signer: asyncSigner(LCU), verify: nodeVerify };
  const deps = { ...common, commandKeys: () => [COMMAND_KEY.publicKey], commands };
  const take = (signed: Uint8Array) => takeCommand(signed, { version: 1, lcuNonce: NONCE }, deps);
  return { take, carriedOut };
}

async function answered(taking: ReturnType<typeof takeCommand>) {
  const taken = await taking;
  if (!taken.ok) throw new Error(taken.code);
  const opened = openSigned(COMMAND_ANSWER, cutFrame(taken.value).signed, [LCU.publicKey], nodeVerify);
  if (!opened.ok) throw new Error(opened.code);
  return opened.value;
}

test('a good command is carried out once and answered, signed, for that very command', async (t) => {
  const { take, carriedOut } = bench();
  const signed = sign();
  const answer = await answered(take(signed));
  t.like(answer, { lcuId: 'malaga-0042', outcome: 'ok', detail: '' });
  t.deepEqual(answer.commandHash, sha256(signed));
  t.deepEqual(carriedOut, [8]);
});

const dropped: [string, ErrorCode, Uint8Array][] = [
  ['of another key', 'header-unexpected', sign({}, testSigner(9))],
  ['that is shown as another kind', 'header-unexpected', seal(contentTypeOf(POLL), encodeMessage(COMMAND, GOOD), COMMAND_KEY)],
  ['for another LCU', 'command-for-another', sign({ lcuId: 'malaga-0043' })],
  ['of another collector', 'collector-mismatch', sign({ collectorId: 'granada' })],
  ['of another connection', 'command-nonce-foreign', sign({ lcuNonce: new Uint8Array(16) })],
  ['that is noise', 'cose-malformed', new Uint8Array(30)],
];
for (const [what, code, signed] of dropped) {
  test(`a command ${what} is not answered: ${code}`, async (t) => {
    const { take, carriedOut } = bench();
    t.like(await take(signed), { ok: false, code });
    t.deepEqual(carriedOut, []);
  });
}

for (const [what, outcome, change] of [
  ['that was accepted', 'command-older', { sequence: 7 }],
  ['from long ago', 'command-older', { sequence: 1 }],
  ['that is valid no more', 'command-expired', { validForMs: 0 }],
  ['of an unknown number', 'command-unknown', { command: 200 }],
] as const) {
  test(`a command ${what} is refused, and the highest number accepted told: ${outcome}`, async (t) => {
    const { take, carriedOut } = bench();
    t.like(await answered(take(sign(change))), { outcome, accepted: 7 });
    t.deepEqual(carriedOut, []);
  });
}

test('the command in force is good again when its answer was lost, and is not carried out twice', async (t) => {
  const { take, carriedOut } = bench(7);
  t.like(await answered(take(sign({ sequence: 7 }))), { outcome: 'ok' });
  t.deepEqual(carriedOut, []);
});
