import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { PeerAnswer, PeerRequest } from './peer-messages.js';

/** The process that holds the simulated LCUs. One request at a time. */
export interface Peer {
  /** Gives the public keys of a `make`, nothing otherwise. Error: why it could not be done. */
  ask(request: PeerRequest): Promise<readonly string[]>;
  /** Rejects as soon as the peer can go on no more. */
  readonly failed: Promise<never>;
  close(): Promise<void>;
}

/** Starts the process. */
export function startPeer(): Peer {
  const child = fork(fileURLToPath(new URL('./peer-main.js', import.meta.url)), { execArgv: [], serialization: 'json' });
  let waiting: ((answer: PeerAnswer) => void) | undefined;
  let closing = false;
  const failed = new Promise<never>((_, reject) => {
    child.on('message', (answer: PeerAnswer) => {
      if (waiting) waiting(answer);
      else if (!answer.ok && !closing) reject(new Error(`the simulated LCUs: ${answer.reason}`));
      waiting = undefined;
    });
    child.once('exit', (code, signal) => {
      if (!closing) reject(new Error(`the simulated LCUs ended with ${signal ?? code ?? '?'}`));
    });
  });
  failed.catch(() => undefined);
  return {
    failed,
    async ask(request) {
      const answered = new Promise<PeerAnswer>((resolve) => (waiting = resolve));
      child.send(request);
      const answer = await Promise.race([answered, failed]);
      if (answer.ok) return answer.publicKeys;
      throw new Error(`the simulated LCUs: ${answer.reason}`);
    },
    async close() {
      closing = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}
