import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fsEnrolmentStore } from '@farola/agent/trust/fs-enrolment-store.js';
import { loadIdentity } from '@farola/agent/trust/fs-identity.js';
import { fsKeyStore } from '@farola/agent/trust/fs-key-store.js';
import type { Enrolment } from '@farola/agent/trust/identity.js';
import { KEYS, sameBytes, signMessage, systemRandom } from '@farola/shared';
import test from 'ava';
import { temporaryFolder } from '../../fakes/temporary-folder.js';
import { nodeVerify, testSigner } from '../../fakes/test-signer.js';

const ROOT = testSigner(1);
const key = testSigner(2).publicKey;
const statement = {
  version: 1,
  collectorId: 'malaga',
  sequence: 1,
  rootKey: ROOT.publicKey,
  pollKeys: [key],
  commandKeys: [key],
};
const KEYS_SIGNED = signMessage(KEYS, { ...statement, pins: [new Uint8Array(32)], issuedAt: 0 }, ROOT);

const enrolmentOf = (publicKey: Uint8Array): Enrolment => ({
  lcuId: 'malaga-0042',
  collectorId: 'malaga',
  address: 'wss://127.0.0.1:10023',
  rootKey: ROOT.publicKey,
  keys: Uint8Array.from(KEYS_SIGNED),
  publicKey,
  tokenHash: new Uint8Array(32).fill(7),
  words: ['abandon', 'ability', 'able', 'about', 'above', 'absent'],
});

test('a key is made once and is the same ever after', async (t) => {
  const store = fsKeyStore(temporaryFolder(t), systemRandom);
  t.is(await store.load(), undefined);
  const made = await store.loadOrCreate();
  t.true(sameBytes(made.publicKey, (await store.loadOrCreate()).publicKey));
  t.true(sameBytes(made.publicKey, (await store.load())!.publicKey));
});

for (const mode of [0o640, 0o604, 0o660, 0o777]) {
  test(`a key file of mode ${mode.toString(8)} is refused`, async (t) => {
    const folder = temporaryFolder(t);
    const store = fsKeyStore(folder, systemRandom);
    await store.loadOrCreate();
    chmodSync(join(folder, 'identity.key'), mode);
    await t.throwsAsync(store.load(), { code: 'state-file-invalid' });
    await t.throwsAsync(store.loadOrCreate(), { code: 'state-file-invalid' });
  });
}

test('what an interrupted write left behind is in nobody’s way', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'identity.key.farola-new'), 'half');
  await fsKeyStore(folder, systemRandom).loadOrCreate();
  t.is(readFileSync(join(folder, 'identity.key')).length, 32);
});

test('an enrolment comes back as it was saved', async (t) => {
  const store = fsEnrolmentStore(temporaryFolder(t));
  t.is(await store.load(), undefined);
  await store.save(enrolmentOf(key));
  t.deepEqual(await store.load(), enrolmentOf(key));
});

for (const [what, text] of [
  ['that is cut short', '{"version":1,"lcuId":"mal'],
  ['that is empty', ''],
  ['of another version', JSON.stringify({ version: 2 })],
  ['with an unknown field', JSON.stringify({ version: 1, surprise: true })],
] as const) {
  test(`an enrolment file ${what} is refused`, async (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'enrolment.json'), text);
    await t.throwsAsync(fsEnrolmentStore(folder).load(), { code: 'state-file-invalid' });
  });
}

test('writing into a folder that is not there is told with its path', async (t) => {
  const folder = join(temporaryFolder(t), 'gone');
  await t.throwsAsync(fsKeyStore(folder, systemRandom).loadOrCreate(), { code: 'disk-failure' });
  mkdirSync(folder);
  await fsKeyStore(folder, systemRandom).loadOrCreate();
});

test('an identity is loaded when all its parts agree', async (t) => {
  const folder = temporaryFolder(t);
  await t.throwsAsync(loadIdentity(folder, nodeVerify, systemRandom), { code: 'not-enrolled' });
  const { publicKey } = await fsKeyStore(folder, systemRandom).loadOrCreate();
  await t.throwsAsync(loadIdentity(folder, nodeVerify, systemRandom), { code: 'not-enrolled' });
  const store = fsEnrolmentStore(folder);
  await store.save(enrolmentOf(publicKey));
  t.like(await loadIdentity(folder, nodeVerify, systemRandom), {
    trusted: { keys: { sequence: 1 } },
    enrolment: { lcuId: 'malaga-0042' },
  });
  await store.save(enrolmentOf(key));
  await t.throwsAsync(loadIdentity(folder, nodeVerify, systemRandom), { code: 'state-file-invalid' });
  await store.save({ ...enrolmentOf(publicKey), rootKey: key });
  await t.throwsAsync(loadIdentity(folder, nodeVerify, systemRandom), { code: 'keys-untrusted' });
});
