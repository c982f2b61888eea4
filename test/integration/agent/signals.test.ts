import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { AGENT_CLI, startFarolaAgent, writeAgentConfig } from '../../fakes/agent-process.js';
import { runUnread } from '../../fakes/closed-pipe.js';
import { temporaryFolder } from '../../fakes/temporary-folder.js';

/** A gateway that takes questions and never answers; `asked` resolves with the first. */
async function silentGateway(t: ExecutionContext): Promise<{ port: number; asked: Promise<unknown> }> {
  const server = createServer((socket) => {
    t.teardown(() => socket.destroy());
  });
  t.teardown(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const asked = once(server, 'connection').then(([socket]) => once(socket as NodeJS.EventEmitter, 'data'));
  return { port: (server.address() as AddressInfo).port, asked };
}

for (const [signal, exit] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`${signal} ends \`meter read\` while it waits for an answer: exit ${exit}, nothing said`, async (t) => {
    const { port, asked } = await silentGateway(t);
    const folder = temporaryFolder(t);
    const config = join(folder, 'agent.yaml');
    const line = `lines: [{ id: one, transport: rtu-over-tcp, host: 127.0.0.1, port: ${port}, timeoutMs: 10000 }]`;
    const analysers = 'analysers: [{ id: main, line: one, unit: 1, profile: circutor-cvm-c10 }]';
    writeFileSync(config, `${line}\n${analysers}\nprofilesDir: ${join(folder, 'own')}\n`);
    const { child, ended } = startFarolaAgent(t, ['meter', 'read', '--config', config]);
    await asked;
    child.kill(signal);
    t.deepEqual(await ended, { code: exit, out: '', err: '' });
  });

  test(`${signal} ends \`enroll -\` while it waits for the token: exit ${exit}, nothing said`, async (t) => {
    const folder = temporaryFolder(t);
    const { child, ended } = startFarolaAgent(t, ['enroll', '-', '--config', writeAgentConfig(folder)]);
    child.stdin?.on('error', () => undefined);
    // More than the pipe holds: it is written when the command reads.
    await new Promise((resolve) => child.stdin?.write('x'.repeat(4_000_000), resolve));
    child.kill(signal);
    t.deepEqual(await ended, { code: exit, out: '', err: '' });
  });
}

for (const args of [['status'], ['status', '--json'], ['--help'], ['config', 'check']]) {
  test(`\`${args.join(' ')}\` into a closed pipe ends quietly, with 141`, async (t) => {
    const config = args[0] === '--help' ? [] : ['--config', writeAgentConfig(temporaryFolder(t))];
    t.deepEqual(await runUnread(process.execPath, [AGENT_CLI, ...args, ...config]), { exit: 141, err: '' });
  });
}
