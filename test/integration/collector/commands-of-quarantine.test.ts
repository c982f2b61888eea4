import test from 'ava';
import { decideStanding } from '@farola/collector/fleet/decide.js';
import type { Decision } from '@farola/collector/fleet/fleet.js';
import {
  COMMAND,
  COMMAND_ANSWER,
  COMMANDS,
  cutFrame,
  encodeFrame,
  KINDS,
  openSigned,
  sha256,
  signMessage,
  toHex,
} from '@farola/shared';
import { type CollectorRig, openRig, ROUND_MS } from '../../fakes/collector-rig.js';
import { sodiumVerify } from '../../fakes/sodium-verify.js';
import { testSigner } from '../../fakes/test-signer.js';

const ID = 'malaga-0042';
const LCU = testSigner(2);
const COMMAND_KEY = testSigner(102).publicKey;
const ARGUMENT = Buffer.from('sampleSeconds: 30');

function decide(rig: CollectorRig, decision: Decision): void {
  decideStanding(rig, ID, { decision, atMs: rig.time.now().wallMs, reason: 'as the test says', by: 'ana' });
  review(rig);
}

/** As the program does when the fleet, or what is ordered, has changed. */
function review({ polls, fleet, commands }: CollectorRig): void {
  commands.review();
  polls.review((lcuId) => fleet.find(lcuId));
}

test('a command that was ordered before a quarantine waits through it, and is brought when the LCU is released', async (t) => {
  const rig = await openRig(t);
  const lcu = rig.simulate(ID, 2);
  const { lcuNo } = rig.enrol(ID, LCU);
  const brought: string[] = [];
  const connect = () =>
    rig.connect(lcu, (frame) => {
      const { kind, signed } = cutFrame(frame);
      if (kind !== KINDS.command.number) return lcu.receive(frame);
      const command = openSigned(COMMAND, signed, [COMMAND_KEY], sodiumVerify);
      if (!command.ok) return void t.fail(command.code);
      brought.push(toHex(command.value.argument));
      const ended = { accepted: command.value.sequence, outcome: 'ok', detail: '' };
      const answer = signMessage(COMMAND_ANSWER, { version: 1, lcuId: ID, commandHash: sha256(signed), ...ended }, LCU);
      return encodeFrame(KINDS.commandAnswer.number, answer);
    });
  const order = (): void => {
    const orderedAtMs = rig.time.now().wallMs;
    const valid = { orderedAtMs, validUntilMs: orderedAtMs + 100 * ROUND_MS };
    rig.state.commands.order({ lcuNo, command: COMMANDS.config, argument: ARGUMENT, by: 'ana', reason: 'less often', ...valid });
    review(rig);
  };
  connect();
  await rig.time.advance(ROUND_MS);
  order();
  decide(rig, 'quarantined');
  const before = lcu.polls.length;
  await rig.time.advance(2 * ROUND_MS);
  connect();
  await rig.time.advance(2 * ROUND_MS);
  t.true(lcu.polls.length > before + 2, 'it is polled all the same, and on a new connection');
  t.deepEqual(brought, []);
  t.is(rig.state.commands.last(lcuNo)?.outcome, null, 'it waits');
  decide(rig, 'released');
  await rig.time.advance(2 * ROUND_MS);
  t.deepEqual(brought, [toHex(ARGUMENT)], 'once');
  t.is(rig.state.commands.last(lcuNo)?.outcome, 'ok');
});

test('an answer to a command that comes after its deadline is told as late', async (t) => {
  const rig = await openRig(t);
  const lcu = rig.simulate(ID, 2);
  const { lcuNo } = rig.enrol(ID, LCU);
  const channel = rig.connect(lcu, (frame) => (cutFrame(frame).kind === KINDS.command.number ? undefined : lcu.receive(frame)));
  await rig.time.advance(ROUND_MS);
  const orderedAtMs = rig.time.now().wallMs;
  const valid = { orderedAtMs, validUntilMs: orderedAtMs + 100 * ROUND_MS };
  rig.state.commands.order({ lcuNo, command: COMMANDS.config, argument: ARGUMENT, by: 'ana', reason: 'less often', ...valid });
  review(rig);
  const codes = (): unknown[] => rig.log.map(({ fields }) => fields['code']).filter((code) => code !== undefined);
  while (codes().length === 0) await rig.time.advance(1_000);
  channel.deliver(encodeFrame(KINDS.commandAnswer.number, Uint8Array.of(0x40)));
  await rig.time.advance(1_000);
  t.deepEqual(codes(), ['answer-missing', 'answer-late']);
  await rig.close();
});
