import { X509Certificate } from 'node:crypto';
import { chmod, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { loadCollectorKeys, makeCollectorKeys, renewServer } from '@farola/collector/trust/fs-collector-keys.js';
import { KEY_FILES } from '@farola/collector/trust/fs-key-files.js';
import { hostOf } from '@farola/collector/trust/x509-authority.js';
import { certificateName, FarolaError, pinOf } from '@farola/shared';
import { FakeTime } from '../../fakes/fake-time.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const DAY_MS = 86_400_000;

async function made(t: ExecutionContext, host = '127.0.0.1'): Promise<{ folder: string; time: FakeTime }> {
  const folder = join(temporaryFolder(t), 'keys');
  const time = new FakeTime();
  await makeCollectorKeys(folder, 'malaga', host, time);
  return { folder, time };
}

async function refused(t: ExecutionContext, run: Promise<unknown>): Promise<string> {
  const error = await t.throwsAsync(run, { instanceOf: FarolaError });
  return error.code;
}

test('makes keys that belong together, the secret ones for their owner alone', async (t) => {
  const { folder } = await made(t);
  const { identity, tls } = await loadCollectorKeys(folder, 'malaga');
  const chain = tls.certificate.split(/(?<=-----END CERTIFICATE-----\n)/).map((pem) => new X509Certificate(pem));
  t.is(chain.length, 2);
  const [leaf, authority] = chain as [X509Certificate, X509Certificate];
  t.true(leaf.verify(authority.publicKey));
  t.deepEqual(Buffer.from(identity.pin), Buffer.from(pinOf(authority)));
  t.is(leaf.checkHost(certificateName('malaga')), certificateName('malaga'));
  for (const name of await readdir(folder)) {
    const { mode } = await stat(join(folder, name));
    const open = name === KEY_FILES.authority || name === KEY_FILES.rootPublic || name.endsWith('.cose');
    t.is(mode & 0o777, open ? 0o644 : 0o600, name);
  }
});

for (const host of ['collector.example.org', '::1']) {
  test(`issues a certificate for ${host}`, async (t) => {
    const { folder } = await made(t, hostOf(host.includes(':') ? `wss://[${host}]:8443` : `wss://${host}:8443`));
    const { tls } = await loadCollectorKeys(folder, 'malaga');
    const leaf = new X509Certificate(tls.certificate);
    t.truthy(host.includes(':') ? leaf.checkIP(host) : leaf.checkHost(host));
  });
}

test('renews the server certificate in its last 30 days, under the same authority', async (t) => {
  const { folder, time } = await made(t);
  const before = await loadCollectorKeys(folder, 'malaga');
  time.step(367 * DAY_MS);
  t.false(await renewServer(folder, 'malaga', '127.0.0.1', time));
  time.step(2 * DAY_MS);
  t.true(await renewServer(folder, 'malaga', '127.0.0.1', time));
  t.false(await renewServer(folder, 'malaga', '127.0.0.1', time));
  const after = await loadCollectorKeys(folder, 'malaga');
  t.deepEqual(after.identity.pin, before.identity.pin);
  const validTo = Date.parse(new X509Certificate(after.tls.certificate).validTo);
  t.true(validTo - time.now().wallMs > 390 * DAY_MS);
});

test('refuses keys of another collector, a mixed folder, missing and open files, each by its code', async (t) => {
  const { folder } = await made(t);
  const foreign = await t.throwsAsync<FarolaError>(loadCollectorKeys(folder, 'granada'), { code: 'keys-foreign' });
  t.like(foreign.facts, { path: folder, owner: 'malaga', collector: 'granada' });
  t.is(await refused(t, makeCollectorKeys(folder, 'malaga', 'x', new FakeTime())), 'path-unusable');

  const poll = join(folder, KEY_FILES.poll);
  const own = await readFile(poll);
  await writeFile(poll, await readFile(join(folder, KEY_FILES.command)));
  t.is(await refused(t, loadCollectorKeys(folder, 'malaga')), 'key-file-invalid');
  await writeFile(poll, 'not a key');
  t.is(await refused(t, loadCollectorKeys(folder, 'malaga')), 'key-file-invalid');
  await writeFile(poll, own);
  await chmod(poll, 0o640);
  t.is(await refused(t, loadCollectorKeys(folder, 'malaga')), 'key-file-open');
  await rm(poll);
  t.is(await refused(t, loadCollectorKeys(folder, 'malaga')), 'not-initialised');
  t.is(await refused(t, loadCollectorKeys(join(folder, 'nowhere'), 'malaga')), 'not-initialised');
});

test('runs without the private root key', async (t) => {
  const { folder } = await made(t);
  await rm(join(folder, KEY_FILES.root));
  t.is((await loadCollectorKeys(folder, 'malaga')).identity.keys.length, 1);
});
