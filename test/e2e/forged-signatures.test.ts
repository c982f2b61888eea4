import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dial } from '@farola/agent/link/channel.js';
import { wsDialler } from '@farola/agent/link/ws-dialler.js';
import { nodeVerify } from '@farola/agent/trust/node-verify.js';
import { loadIdentity } from '@farola/agent/trust/fs-identity.js';
import { KEY_FILE } from '@farola/agent/trust/fs-key-store.js';
import { askControl } from '@farola/collector/api/node-control-client.js';
import { cutFrame, encodeFrame, joinBytes, KINDS, systemClock, systemRandom, systemTimers } from '@farola/shared';
import test, { type ExecutionContext } from 'ava';
import { LCU } from '#scripts/demo/set-up.js';
import { bootOf, SimulatedLcu } from '#scripts/simulated-lcu.js';
import { malleated } from '../fakes/odd-signatures.js';
import { newTestSigner } from '../fakes/test-signer.js';
import { counts, openStage, type Stage, until } from './stage.js';

/** Gives another signature in the place of the good one. @param before of the answer before this one, which was good as well */
type Resign = (good: Uint8Array, before: Uint8Array) => Uint8Array;

const FORGED: Readonly<Record<string, Resign>> = {
  'S + L': malleated,
  'a bit of R changed': (good) => good.map((byte, i) => (i === 3 ? byte ^ 0x10 : byte)),
  'a bit of S changed': (good) => good.map((byte, i) => (i === 40 ? byte ^ 1 : byte)),
  'the signature of the answer before': (_, before) => before,
  'zeros': () => new Uint8Array(64),
};

/** The LCU of a stage with its real key, on a real connection; each answer to a poll carries the signature that `resign` gives. */
async function connectLcu(t: ExecutionContext, { folder }: Stage, resign: Resign): Promise<void> {
  const { enrolment, trusted } = await loadIdentity(join(folder, 'agent'), nodeVerify(), systemRandom);
  const signer = newTestSigner(readFileSync(join(folder, 'agent', KEY_FILE)));
  const clock = systemClock();
  const lcu = new SimulatedLcu({ lcuId: LCU, signer, random: systemRandom, boot: bootOf('b0'), now: () => clock.now() });
  const { address, collectorId } = enrolment;
  const pins = (): readonly Uint8Array[] => trusted.keys.pins;
  const io = { clock, timers: systemTimers, warn: () => undefined };
  const gone = new AbortController();
  t.teardown(() => gone.abort());
  let before: Uint8Array = new Uint8Array(64);
  const answer = (asked: Uint8Array): Uint8Array | undefined => {
    const frame = lcu.receive(asked);
    if (!frame || cutFrame(asked).kind !== KINDS.poll.number) return frame;
    const { kind, signed, attachment } = cutFrame(frame);
    const good = signed.slice(-64);
    const resigned = joinBytes(signed.subarray(0, -64), resign(good, before));
    before = good;
    return encodeFrame(kind, resigned, attachment?.items);
  };
  const connect: Parameters<Dial>[0] = (channel) => ({
    message(asked) {
      const back = answer(asked);
      if (back) channel.send(back);
    },
    closed: () => undefined,
  });
  await wsDialler({ ...io, address, collectorId, pins, path: '/v1/lcu', idlePingMs: 60_000 })(connect, gone.signal);
}

test('C21: a running collector refuses answers that are forged or malleated, by the code, and takes the good one after them', async (t) => {
  const stage = await openStage(t, { pollSeconds: 3600 });
  const collector = await stage.startCollector();
  await stage.enrol();
  let resign: Resign = () => new Uint8Array(64);
  await connectLcu(t, stage, (good, before) => resign(good, before));
  await until(async () => (await counts(stage)).rounds === 1, 'the first round to end');
  const poll = async (): Promise<object> => askControl(stage.paths.collectorRun, 'POST', `/poll/${LCU}`);
  for (const [name, forged] of Object.entries(FORGED)) {
    resign = forged;
    await t.throwsAsync(poll, { code: 'signature-invalid' }, name);
  }
  resign = (good) => good;
  t.like(await poll(), { entriesStored: 1 }, 'nothing of what was refused is stored');
  t.is(await collector.stop(), 0);
  const failed = (await stage.log('collector')).split('\n').filter((line) => line.includes('"msg":"poll failed"'));
  t.true(failed.length >= Object.keys(FORGED).length);
  t.true(failed.every((line) => line.includes('"code":"signature-invalid"')));
});
