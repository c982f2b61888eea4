import { request } from 'node:http';
import { FarolaError } from '@farola/shared';
import { controlPath } from './control-path.js';
import type { ControlAnswer } from './control.js';

/** What of a request may be otherwise. */
export interface AskOptions {
  /** Sent as JSON. */
  readonly body?: object;
  /** How long an answer may take, ms; as long as it takes unless told. */
  readonly withinMs?: number;
}

/**
 * Asks a running collector. Throws the error that it answers; `collector-not-running` when there is none, `loop-stuck` when it does not
 * answer within the time that is told.
 */
export async function askControl(
  runDir: string,
  method: 'GET' | 'POST',
  path: string,
  options: AskOptions = {},
): Promise<Record<string, unknown>> {
  const answer = JSON.parse(await send(controlPath(runDir), method, path, options)) as ControlAnswer;
  if (answer.ok) return answer.value;
  throw new FarolaError(answer.code, answer.facts);
}

function send(socketPath: string, method: string, path: string, { body, withinMs }: AskOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    // A connection of its own: one that is kept may be closed there while whoever asks is busy, and would read as a collector that does not run.
    const call = request({ socketPath, method, path, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve(text));
    });
    call.on('error', (error: NodeJS.ErrnoException) => {
      const remedy = 'run it as the user farola-collector, or through sudo';
      if (error.code === 'EACCES') reject(new FarolaError('permission-denied', { path: socketPath, remedy }));
      else reject(new FarolaError('collector-not-running', { path: socketPath }));
    });
    if (withinMs !== undefined) {
      call.setTimeout(withinMs, () => {
        reject(new FarolaError('loop-stuck', { loop: 'collector', stillS: withinMs / 1_000 }));
        call.destroy();
      });
    }
    call.end(body && JSON.stringify(body));
  });
}
