import { openKeys } from '@farola/agent/trust/collector-keys.js';
import { KEYS, signMessage } from '@farola/shared';
import test from 'ava';
import { nodeVerify, testSigner } from '../../fakes/test-signer.js';

const ROOT = testSigner(1);
const POLL_KEY = testSigner(2).publicKey;
const GOOD = {
  version: 1,
  collectorId: 'malaga',
  sequence: 3,
  rootKey: ROOT.publicKey,
  pollKeys: [POLL_KEY],
  commandKeys: [POLL_KEY],
  pins: [new Uint8Array(32)],
  issuedAt: 1,
};
const root = { collectorId: 'malaga', rootKey: ROOT.publicKey };
const open = (change: object, signer = ROOT) => openKeys(signMessage(KEYS, { ...GOOD, ...change }, signer), root, nodeVerify);

test('opens what the root key signed', (t) => {
  t.deepEqual(open({}), { ok: true, value: GOOD });
});

test('refuses what another key signed', (t) => {
  t.like(open({}, testSigner(9)), { ok: false, code: 'keys-untrusted' });
});

test('refuses what names another root key', (t) => {
  t.like(open({ rootKey: POLL_KEY }), { ok: false, code: 'keys-untrusted' });
});

test('refuses the keys of another collector', (t) => {
  t.like(open({ collectorId: 'granada' }), { ok: false, code: 'collector-mismatch' });
});

test('refuses noise', (t) => {
  t.like(openKeys(new Uint8Array(50), root, nodeVerify), { ok: false, code: 'keys-untrusted' });
});
