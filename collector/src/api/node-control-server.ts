import { chmod, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { codeOf, ERRORS, FarolaError, isName, plainFacts } from '@farola/shared';
import * as z from 'zod';
import { ensureWritableFolder } from '../store/store-access.js';
import { controlPath } from './control-path.js';
import { type Control, type ControlAnswer, DECISION_TEXT_LENGTH } from './control.js';

/** Longest body of a request, characters. */
const BODY_LENGTH = 4096;

/**
 * Serves the control socket, HTTP on a Unix socket that only the collector's user may open: `POST /poll/LCU`,
 * `POST /decide/LCU` with what is decided as JSON, `GET /status`. Errors:
 * `already-running`, those of `ensureWritableFolder`.
 */
export async function serveControl(runDir: string, control: Control): Promise<{ close(): Promise<void> }> {
  const path = controlPath(runDir);
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
  ensureWritableFolder(runDir);
  if (await isServed(path)) throw new FarolaError('already-running', { program: 'farola-collector', path });
  await rm(path, { force: true });
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

async function answer(request: IncomingMessage, control: Control): Promise<ControlAnswer> {
  const { method, url } = request;
  if (method === 'GET' && url === '/status') return control.status();
  const [, what, lcuId = ''] = /^\/(poll|decide)\/([^/]+)$/.exec(url ?? '') ?? [];
  if (method !== 'POST' || !isName(lcuId)) return NO_SUCH_REQUEST;
  if (what === 'poll') return control.poll(lcuId);
  const asked = ASKED_DECISION.safeParse(await readJson(request));
  return asked.success ? control.decide(lcuId, asked.data) : NO_SUCH_REQUEST;
}

const NO_SUCH_REQUEST: ControlAnswer = { ok: false, code: 'usage', facts: { reason: 'no such request' } };

const ASKED_DECISION = z.strictObject({
  decision: z.enum(['quarantined', 'released', 'revoked', 'retired']),
  reason: z.string().min(1).max(DECISION_TEXT_LENGTH),
  by: z.string().min(1).max(DECISION_TEXT_LENGTH),
});

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const part of request.setEncoding('utf8')) {
    text += String(part);
    if (text.length > BODY_LENGTH) return undefined;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** What is thrown is told to the asker, and does not end the process. */
function failure(error: unknown): ControlAnswer {
  const facts = error instanceof FarolaError ? plainFacts(error.facts) : { reason: String(error) };
  return { ok: false, code: codeOf(error), facts };
}

function reply(response: ServerResponse, result: ControlAnswer): void {
  response.writeHead(result.ok ? 200 : ERRORS[result.code].http, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(result));
}
