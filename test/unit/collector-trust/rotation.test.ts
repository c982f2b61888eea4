import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { loadCollectorKeys, makeCollectorKeys } from '@farola/collector/trust/fs-collector-keys.js';
import { KEY_FILES, readStatements } from '@farola/collector/trust/fs-key-files.js';
import {
  readRootKey,
  readRotation,
  removeRetiredKeys,
  type Rotatable,
  ROTATABLE,
  rotateKeys,
  switchKeys,
} from '@farola/collector/trust/fs-rotation.js';
import { keyHistory } from '@farola/collector/trust/key-history.js';
import { FarolaError, type Keys, toHex } from '@farola/shared';
import { FakeTime } from '../../fakes/fake-time.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

async function made(t: ExecutionContext) {
  const folder = join(temporaryFolder(t), 'keys');
  const time = new FakeTime();
  await makeCollectorKeys(folder, 'malaga', '127.0.0.1', time);
  const root = await readRootKey(folder, join(folder, KEY_FILES.root));
  const until = time.now().wallMs + 1000;
  const rotate = (what: readonly Rotatable[], untilMs: number | 'at once' = until, above = 0): Promise<Keys> => {
    const end = untilMs === 'at once' ? undefined : untilMs;
    return rotateKeys(folder, { collectorId: 'malaga', what, root, host: '127.0.0.1', untilMs: end, above, clock: time });
  };
  const inUse = async () => {
    const { identity, commandSigner } = await loadCollectorKeys(folder, 'malaga');
    return { poll: toHex(identity.pollSigner.publicKey), command: toHex(commandSigner.publicKey), tls: toHex(identity.pin) };
  };
  return { folder, rotate, atOnce: (what: readonly Rotatable[]) => rotate(what, 'at once'), inUse };
}

test('in the overlap the present keys are in use, and after the switch the next ones alone', async (t) => {
  const { folder, rotate, inUse } = await made(t);
  const before = await inUse();
  const both = await rotate(ROTATABLE);
  t.deepEqual(await inUse(), before);
  t.is(both.sequence, 2);
  t.deepEqual([both.pollKeys.length, both.commandKeys.length, both.pins.length], [2, 2, 2]);
  t.is(toHex(both.pollKeys[0]!), before.poll);
  const alone = await switchKeys(folder, 'malaga');
  t.is(alone.sequence, 3);
  t.deepEqual([alone.pollKeys[0], alone.commandKeys[0], alone.pins[0]], [both.pollKeys[1], both.commandKeys[1], both.pins[1]]);
  t.deepEqual(await inUse(), {
    poll: toHex(both.pollKeys[1]!),
    command: toHex(both.commandKeys[1]!),
    tls: toHex(both.pins[1]!),
  });
  t.is(await readRotation(folder, 'malaga'), undefined);
  await t.throwsAsync(switchKeys(folder, 'malaga'), { code: 'rotation-none' });
});

test('private keys go when no statement in force lists them, and no sooner', async (t) => {
  const { folder, rotate, inUse } = await made(t);
  await rotate(['poll', 'tls']);
  t.deepEqual(await removeRetiredKeys(folder, 'malaga'), []);
  await switchKeys(folder, 'malaga');
  t.deepEqual([...(await removeRetiredKeys(folder, 'malaga'))].sort(), ['ca.key', 'ca.pem', 'poll.key', 'tls.pem']);
  const second = await inUse();
  await rotate(['poll', 'tls']);
  await switchKeys(folder, 'malaga');
  t.is((await removeRetiredKeys(folder, 'malaga')).length, 3);
  t.not((await inUse()).poll, second.poll);
  t.true((await readdir(folder)).includes(KEY_FILES.command));
});

test('the command key goes from the disk as well when it is replaced', async (t) => {
  const { folder, rotate } = await made(t);
  await rotate(['command']);
  await switchKeys(folder, 'malaga');
  t.deepEqual(await removeRetiredKeys(folder, 'malaga'), [KEY_FILES.command]);
  await rotate(['command']);
  const [next] = (await readdir(folder)).filter((name) => /^command-.*\.key$/.test(name));
  await switchKeys(folder, 'malaga');
  t.is((await removeRetiredKeys(folder, 'malaga')).length, 1);
  const left = (await readdir(folder)).filter((name) => /^command.*\.key$/.test(name));
  t.is(left.length, 1);
  t.truthy(next);
});

test('one rotation is open at a time, but a stolen key is replaced at once all the same', async (t) => {
  const { rotate, atOnce, inUse, folder } = await made(t);
  const before = await inUse();
  await rotate(['poll']);
  const refused = await t.throwsAsync(rotate(['tls']), { instanceOf: FarolaError });
  t.deepEqual([refused.code, refused.facts], ['rotation-open', { keys: 'poll' }]);
  const stated = await atOnce(['command']);
  t.is(stated.sequence, 4, 'above the statement that would have ended the rotation');
  t.deepEqual([stated.pollKeys.length, stated.commandKeys.length], [1, 1]);
  const now = await inUse();
  t.is(now.poll, before.poll);
  t.not(now.command, before.command);
  t.is(await readRotation(folder, 'malaga'), undefined);
});

test('a statement is made above those that LCUs are known to go by', async (t) => {
  const { rotate } = await made(t);
  t.is((await rotate(['poll'], Date.UTC(2100, 0), 41)).sequence, 42);
});

test('a rotation that was cut off before its statement came into force is not open, and is begun anew', async (t) => {
  const { folder, rotate, inUse } = await made(t);
  const before = await inUse();
  await rotate(['poll']);
  await rm(join(folder, 'keys-000002.cose'));
  t.deepEqual(await inUse(), before);
  t.is(await readRotation(folder, 'malaga'), undefined);
  t.is((await rotate(['poll'])).sequence, 2);
  await switchKeys(folder, 'malaga');
  t.not((await inUse()).poll, before.poll);
});

test('an overlap whose end was lost is ended by another rotation', async (t) => {
  const { folder, rotate } = await made(t);
  await rotate(['poll']);
  await rm(join(folder, 'keys-next.json'));
  const again = await rotate(['poll']);
  t.deepEqual([again.sequence, again.pollKeys.length], [3, 3]);
  t.is((await switchKeys(folder, 'malaga')).pollKeys.length, 1);
});

test('keys are listed by where they stand', async (t) => {
  const { folder, rotate } = await made(t);
  const states = async (allTaken: boolean): Promise<string[]> => {
    const statements = await readStatements(folder, 'malaga');
    const keys = statements.map((statement) => statement.keys);
    return keyHistory(keys, allTaken).map(({ what, state }) => `${what} ${state}`);
  };
  await rotate(['poll']);
  t.deepEqual(await states(false), ['poll current', 'poll next', 'command current', 'tls current']);
  await switchKeys(folder, 'malaga');
  t.deepEqual(await states(false), ['poll current', 'poll retiring', 'command current', 'tls current']);
  t.deepEqual(await states(true), ['poll current', 'poll gone', 'command current', 'tls current']);
});
