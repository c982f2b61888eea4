import { request } from 'node:http';
import { join } from 'node:path';
import { FarolaError } from '@farola/shared';
import { CONTROL_SOCKET, type ControlAnswer } from './control.js';

/**
 * Asks a running collector. Throws the error that it answers; `collector-not-running` when there is none.
 * @param body sent as JSON
 */
export async function askControl(
  runDir: string,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
): Promise<Record<string, unknown>> {
  const answer = JSON.parse(await send(join(runDir, CONTROL_SOCKET), method, path, body)) as ControlAnswer;
  if (answer.ok) return answer.value;
  throw new FarolaError(answer.code, answer.facts);
}

function send(socketPath: string, method: string, path: string, body?: object): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, method, path }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve(text));
    });
    call.on('error', (error: NodeJS.ErrnoException) => {
      const remedy = 'run it as the user farola-collector, or through sudo';
      if (error.code === 'EACCES') reject(new FarolaError('permission-denied', { path: socketPath, remedy }));
      else reject(new FarolaError('collector-not-running', { path: socketPath }));
    });
    call.end(body && JSON.stringify(body));
  });
}
