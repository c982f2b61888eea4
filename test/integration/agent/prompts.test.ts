import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { AGENT_CLI, writeAgentConfig } from '../../fakes/agent-process.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

const ON_TERMINAL = fileURLToPath(new URL('../../../../test/fakes/on_terminal.py', import.meta.url));
const CTRL_C = '03';
const CTRL_D = '04';

/** Runs `farola-agent` on a terminal, and types the keys when it shows the prompt; gives what the terminal shows after it. */
async function typedAt(t: ExecutionContext, prompt: string, keys: string, args: readonly string[]) {
  const child = spawn('python3', [ON_TERMINAL, '100', '30', '--', process.execPath, AGENT_CLI, ...args]);
  t.teardown(() => child.kill('SIGKILL'));
  let [shown, err, typed] = ['', '', false];
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    shown += part;
    if (typed || !shown.includes(prompt)) return;
    typed = true;
    child.stdin.write(`keys ${keys}\n`);
  });
  child.stderr.setEncoding('utf8').on('data', (part: string) => (err += part));
  await once(child, 'close');
  const after = shown.slice(shown.indexOf(prompt) + prompt.length);
  return { exit: Number(/^exit (\d+)$/m.exec(err)?.[1]), said: after.replace(/\u001b\[[0-9;]*[A-Za-z]/g, '').trim() };
}

test('Ctrl-C at the question for the token ends with 130, and nothing is said', async (t) => {
  const config = writeAgentConfig(temporaryFolder(t));
  t.deepEqual(await typedAt(t, 'token: ', CTRL_C, ['enroll', '--config', config]), { exit: 130, said: '' });
});

test('Ctrl-C at the question whether to give the identity up ends with 130, and nothing is given up', async (t) => {
  const folder = temporaryFolder(t);
  const key = join(folder, 'state', 'identity.key');
  mkdirSync(join(folder, 'state'));
  writeFileSync(key, new Uint8Array(32), { mode: 0o600 });
  const args = ['enroll', '--abort', '--config', writeAgentConfig(folder)];
  t.deepEqual(await typedAt(t, 'to give it up: ', CTRL_C, args), { exit: 130, said: '' });
  t.is(readFileSync(key).length, 32);
});

test('the end of input at a question is an empty answer', async (t) => {
  const config = writeAgentConfig(temporaryFolder(t));
  const { exit, said } = await typedAt(t, 'token: ', CTRL_D, ['enroll', '--config', config]);
  t.is(exit, 64);
  t.regex(said, /^error: this is not an enrolment token: /);
});
