import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { temporaryFolder } from './temporary-folder.js';

const HOLDER = fileURLToPath(new URL('../../fakes/notify_socket.py', import.meta.url));

/** A real notify socket, held by another program. */
export interface NotifySocket {
  readonly path: string;
  /** The messages that came, each as its assignments. */
  readonly messages: string[][];
  /** Resolves with the first message, come or still to come, in which the assignment stands. */
  has(assignment: string): Promise<string[]>;
}

/** Opens a notify socket for one test. */
export async function openNotifySocket(t: ExecutionContext): Promise<NotifySocket> {
  const path = join(temporaryFolder(t), 'notify');
  const holder = spawn('/usr/bin/python3', [HOLDER, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => holder.kill('SIGKILL'));
  const messages: string[][] = [];
  let waiting: (() => void)[] = [];
  createInterface({ input: holder.stdout }).on('line', (line) => {
    messages.push(JSON.parse(line) as string[]);
    const told = waiting;
    waiting = [];
    for (const tell of told) tell();
  });
  const has = async (assignment: string): Promise<string[]> => {
    for (;;) {
      const found = messages.find((message) => message.includes(assignment));
      if (found) return found;
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };
  await has('BOUND=1');
  messages.length = 0;
  return { path, messages, has };
}
