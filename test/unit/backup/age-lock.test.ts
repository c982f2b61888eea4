import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import test, { type ExecutionContext } from 'ava';
import { type BackupKey, lockBackup, unlockBackup } from '@farola/collector/backup/age-lock.js';
import { FarolaError } from '@farola/shared';

const CONTENT = Buffer.alloc(100_000, 'what a server needs ');
const PASSPHRASE = 'a passphrase that is long enough';

async function failureOf(t: ExecutionContext, file: Uint8Array, key: BackupKey): Promise<string> {
  const { code, message } = await t.throwsAsync<FarolaError>(unlockBackup(file, key, 'b.age'), { instanceOf: FarolaError });
  return `${code}: ${message}`;
}

test('a wrong passphrase is told as that', async (t) => {
  const file = await lockBackup(CONTENT, { passphrase: PASSPHRASE });
  t.deepEqual(Buffer.from(await unlockBackup(file, { passphrase: PASSPHRASE }, 'b.age')), CONTENT);
  t.is(await failureOf(t, file, { passphrase: 'another one' }), 'backup-locked: b.age does not open: wrong passphrase');
  const identity = await generateX25519Identity();
  t.is(await failureOf(t, file, { identity }), 'backup-locked: b.age does not open: it was written with a passphrase');
});

test('a backup for recipients is told apart from one with a passphrase', async (t) => {
  const [own, other] = [await generateX25519Identity(), await generateX25519Identity()];
  const file = await lockBackup(CONTENT, { recipients: [await identityToRecipient(own)] });
  t.deepEqual(Buffer.from(await unlockBackup(file, { identity: own }, 'b.age')), CONTENT);
  t.regex(await failureOf(t, file, { identity: other }), /^backup-locked: .*it was written for other recipients$/);
  t.regex(await failureOf(t, file, { passphrase: PASSPHRASE }), /^backup-locked: .*for recipients, not with a passphrase$/);
});

test('a file that is cut off, altered or none of age is no backup, whatever the passphrase', async (t) => {
  const file = await lockBackup(CONTENT, { passphrase: PASSPHRASE });
  const altered = Uint8Array.from(file);
  altered[file.length - 5_000]! ^= 1;
  for (const [what, bytes] of Object.entries({
    'in its content': file.subarray(0, 70_000),
    'by its last byte': file.subarray(0, -1),
    'in its header': file.subarray(0, 60),
    altered,
  }))
    t.regex(await failureOf(t, bytes, { passphrase: PASSPHRASE }), /^backup-malformed: .*damaged or cut off/, what);
  for (const bytes of [Uint8Array.of(0x84, 0x43, 0xa1), new Uint8Array(), Buffer.from('rubbish\n')])
    t.regex(await failureOf(t, bytes, { passphrase: PASSPHRASE }), /^backup-malformed: .*does not begin as a file of age does/);
});
