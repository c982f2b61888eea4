import { configUnread, FarolaError } from '@farola/shared';
import test from 'ava';

const REMEDIES = { missing: 'write it', denied: 'run this as root' };

function asked(errno: string): FarolaError {
  const error = configUnread('/etc/agent.yaml', Object.assign(new Error(`${errno}: x, open`), { code: errno }), REMEDIES);
  if (error instanceof FarolaError) return error;
  throw error;
}

for (const [errno, code, exit, hint] of [
  ['ENOENT', 'config-unreadable', 66, 'write it'],
  ['ENOTDIR', 'config-unreadable', 66, 'write it'],
  ['EISDIR', 'config-unreadable', 66, 'name a file, not a folder'],
  ['EACCES', 'permission-denied', 77, 'run this as root'],
  ['EPERM', 'permission-denied', 77, 'run this as root'],
  ['EIO', 'disk-failure', 74, undefined],
] as const) {
  test(`a configuration that ${errno} keeps from being read is ${code}`, (t) => {
    const error = asked(errno);
    t.is(error.code, code);
    t.is(error.exit, exit);
    if (hint !== undefined) t.is(error.hint, hint);
    t.true(error.message.includes('/etc/agent.yaml'));
  });
}

test('a defect stays a defect', (t) => {
  const defect = new TypeError('x');
  t.is(configUnread('/etc/agent.yaml', defect, REMEDIES), defect);
});
