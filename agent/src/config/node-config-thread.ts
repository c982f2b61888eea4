import { parentPort } from 'node:worker_threads';
import { FarolaError } from '@farola/shared';
import type { ConfigReply, ConfigRequest } from './config-request.js';
import { ownConfigReader } from './own-config-reader.js';

/** A thread that reads configurations, see config-thread.ts. */
async function reply(request: ConfigRequest): Promise<ConfigReply> {
  try {
    return { ok: true, value: await outcomeOf(request) };
  } catch (error) {
    if (error instanceof FarolaError) return { ok: false, code: error.code, facts: error.facts };
    return { ok: false, code: 'internal', facts: { reason: String(error) } };
  }
}

function outcomeOf(request: ConfigRequest): Promise<unknown> {
  if (request.do === 'load') return ownConfigReader.load(...request.with);
  if (request.do === 'check') return ownConfigReader.check(...request.with);
  return ownConfigReader.shippedProfiles();
}

parentPort?.on('message', (request: ConfigRequest) => void reply(request).then((said) => parentPort?.postMessage(said)));
