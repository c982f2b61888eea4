import test from 'ava';
import { cutFrame, cutSigned, KINDS, parseMessage, POLL } from '@farola/shared';
import { openRig, ROUND_MS } from '../../fakes/collector-rig.js';
import { testSigner } from '../../fakes/test-signer.js';

const CODE = new Uint8Array(32).fill(0xc0);

test('F67: code that is not approved is taken and told; from its revocation on nothing of it is stored', async (t) => {
  const rig = await openRig(t);
  const lcu = rig.simulate('malaga-0042', 2);
  const known = rig.enrol('malaga-0042', testSigner(2));
  rig.connect(lcu, (frame) => {
    const { kind, signed } = cutFrame(frame);
    const parts = cutSigned(signed);
    const poll = kind === KINDS.poll.number && parts.ok ? parseMessage(POLL, parts.value.payload) : undefined;
    return poll?.ok ? lcu.answerPoll(poll.value, signed, { codeHash: CODE }) : lcu.receive(frame);
  });
  await rig.time.advance(100);
  t.like(rig.contact(known), { verdict: 'ok', codeHash: CODE, entriesStored: 1 });
  rig.revoked = (hash) => (hash.every((byte) => byte === 0xc0) ? { name: '0.1.0', reason: 'a hole' } : undefined);
  lcu.append({ kind: 'event', at: rig.time.now(), code: 'stop', facts: [] });
  await rig.time.advance(ROUND_MS);
  t.like(rig.contact(known), { verdict: 'code-revoked', codeHash: CODE, entriesStored: 1, answersOk: 1, answersRefused: 1 });
  t.is(rig.stored(known).length, 1);
  const warned = rig.log.filter(({ level }) => level !== 'info').map(({ fields }) => fields['code']);
  t.deepEqual(warned, ['code-revoked']);
});
