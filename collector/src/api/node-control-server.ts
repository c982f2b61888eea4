import { chmod, mkdir, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { codeOf, ERRORS, FarolaError, isName } from '@farola/shared';
import { CONTROL_SOCKET, type Control, type ControlAnswer } from './control.js';

/**
 * Serves the control socket, HTTP on a Unix socket that only the collector's user may open: `POST /poll/LCU`,
 * `GET /status`. Errors: `already-running`, `permission-denied`.
 */
export async function serveControl(runDir: string, control: Control): Promise<{ close(): Promise<void> }> {
  const path = join(runDir, CONTROL_SOCKET);
  await prepare(runDir, path);
  const server = createServer((request, response) => {
    answer(request, control).then(
      (result) => reply(response, result),
      (error: unknown) => reply(response, failure(error)),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  await chmod(path, 0o600);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function prepare(runDir: string, path: string): Promise<void> {
  try {
    await mkdir(runDir, { recursive: true, mode: 0o750 });
    if (await isServed(path)) throw new FarolaError('already-running', { program: 'farola-collector', path });
    await rm(path, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
    throw new FarolaError('permission-denied', { path: runDir, remedy: 'run it as the user farola-collector' });
  }
}

function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function answer({ method, url }: IncomingMessage, control: Control): Promise<ControlAnswer> {
  if (method === 'GET' && url === '/status') return control.status();
  const lcuId = method === 'POST' ? /^\/poll\/([^/]+)$/.exec(url ?? '')?.[1] : undefined;
  if (lcuId !== undefined && isName(lcuId)) return control.poll(lcuId);
  return { ok: false, code: 'usage', facts: { reason: 'no such request' } };
}

/** What is thrown is told to the asker, and does not end the process. */
function failure(error: unknown): ControlAnswer {
  return { ok: false, code: codeOf(error), facts: { reason: error instanceof Error ? error.message : String(error) } };
}

function reply(response: ServerResponse, result: ControlAnswer): void {
  response.writeHead(result.ok ? 200 : ERRORS[result.code].http, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(result));
}
