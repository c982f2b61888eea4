import { execFile } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { buildProof } from '@farola/collector/proof/build-proof.js';
import test from 'ava';
import { runUnread } from '../fakes/closed-pipe.js';
import { honestParts, POLL_KEY } from './proof-of-lcu.js';
import { FOLDER, proofFile, python } from './run-verifier.js';

const ROOT = '00'.repeat(32);
/** One line that says what is wrong and one that says what to do. */
const TOLD = /^error: [^\n]+\nhint: [^\n]+\n$/;

const MISTAKES: readonly (readonly string[])[] = [
  [],
  ['--bogus', 'FILE'],
  ['--root', 'ab', 'FILE'],
  ['--root', 'zz'.repeat(32), 'FILE'],
];

const UNREAD: readonly (readonly [path: string, exit: number, reason: string])[] = [
  ['/nowhere/proof', 66, 'No such file or directory'],
  ['/', 66, 'Is a directory'],
];

for (const [path, exit, reason] of UNREAD) {
  test(`a file that cannot be read, ${path}, is told in one line with why, and exits ${exit}`, async (t) => {
    const { code, output } = await python('verify-proof.py', ['--root', ROOT, path]);
    t.is(code, exit, output);
    t.regex(output, TOLD);
    t.true(output.startsWith(`error: ${path}: ${reason}\n`), output);
  });
}

test('a file that this user may not read is told as that, and exits 77', async (t) => {
  const file = proofFile(t, buildProof(honestParts(), POLL_KEY));
  chmodSync(file, 0o000);
  const script = join(FOLDER, 'verify-proof.py');
  const isRoot = process.getuid?.() === 0;
  const args = ['--bounding-set=-all', '--inh-caps=-all', '--', '/usr/bin/python3', script, file];
  const { code, output } = await (isRoot ? ran('setpriv', args) : ran('/usr/bin/python3', [script, file]));
  t.is(code, 77, output);
  t.is(output, `error: ${file}: Permission denied\nhint: check the path, and where the output goes\n`);
});

test('whoever reads what it prints may go before the end: that is no verdict, and it exits 141', async (t) => {
  const file = proofFile(t, buildProof(honestParts(), POLL_KEY));
  const script = join(FOLDER, 'verify-proof.py');
  t.deepEqual(await runUnread('/usr/bin/python3', [script, file]), { exit: 141, err: '' });
});

for (const args of MISTAKES) {
  test(`called in a way that it cannot be, as with \`${args.join(' ').replace(ROOT, 'ROOT').replace('zz'.repeat(32), 'no digits')}\`, it judges nothing and exits 64`, async (t) => {
    const file = proofFile(t, buildProof(honestParts(), POLL_KEY));
    const { code, output } = await python(
      'verify-proof.py',
      args.map((arg) => (arg === 'FILE' ? file : arg)),
    );
    t.is(code, 64, output);
    t.regex(output, TOLD);
  });
}

test('without the modules that it needs it names their packages, and exits 69', async (t) => {
  const file = proofFile(t, buildProof(honestParts(), POLL_KEY));
  // Without `site` there is nothing but the standard library.
  const { code, output } = await ran('/usr/bin/python3', ['-S', '-E', join(FOLDER, 'verify-proof.py'), file]);
  t.is(code, 69, output);
  t.regex(output, TOLD);
  t.regex(output, /hint: apt-get install python3-cbor2 python3-cryptography/);
});

test('what cannot be printed is no verdict: it exits 74', async (t) => {
  const file = proofFile(t, buildProof(honestParts(), POLL_KEY));
  const script = join(FOLDER, 'verify-proof.py');
  const { code, output } = await ran('/bin/sh', ['-c', '/usr/bin/python3 "$0" "$1" >/dev/full', script, file]);
  t.is(code, 74, output);
  t.regex(output, TOLD);
});

function ran(program: string, args: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve) => {
    execFile(program, args, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr });
    });
  });
}
