import { readFile } from 'node:fs/promises';
import { FarolaError, parseToken, systemClock, systemRandom, systemTimers } from '@farola/shared';
import { enrol } from '../link/enrol.js';
import { wsDialler } from '../link/ws-dialler.js';
import { makeFolder, namedInputFailure } from '../trust/fs-durable-file.js';
import { fsEnrolmentStore } from '../trust/fs-enrolment-store.js';
import { fsKeyStore } from '../trust/fs-key-store.js';
import type { Enrolment } from '../trust/identity.js';
import { linuxClockQuality } from '../trust/linux-clock-quality.js';
import { nodeVerify } from '../trust/node-verify.js';
import { AGENT_VERSION } from '../version.js';
import type { CliIo } from './cli-io.js';
import { refuseForeignJournal } from './found-identity.js';
import { type FolderOptions, foldersOf } from './folders.js';
import { orInterrupted } from './interrupted.js';
import { say } from './say.js';
import { enrolmentJson } from './status-json.js';

/** What `farola-agent enroll` is asked. */
export interface EnrollOptions extends FolderOptions {
  /** The token; `-` or nothing asks for it at a terminal, or reads standard input. */
  readonly token?: string | undefined;
  readonly tokenFile?: string | undefined;
  /** One JSON object instead of lines. */
  readonly json?: boolean | undefined;
}

/** Longer than the dialogue takes, so that no ping is sent in it, ms. */
const NO_PING_MS = 600_000;

/**
 * Enrols this LCU by a token and prints the six words. Safe to run again with the same token.
 * @throws FarolaError `token-malformed`, `file-unreadable`, `already-enrolled`, `journal-foreign`, and what `enrol` throws; the reason of the signal
 */
export async function enrollAgent(options: EnrollOptions, io: CliIo): Promise<void> {
  const enrolment = await orInterrupted(enrolByToken(options, io), io.signal);
  say({ out: (line) => io.out(line), json: options.json }, enrolmentJson(enrolment), ...wordsPage(enrolment));
}

async function enrolByToken(options: EnrollOptions, io: CliIo): Promise<Enrolment> {
  const token = parseToken(await readToken(options, io));
  const { stateDir, runDir } = await foldersOf(options);
  await refuseForeignJournal(stateDir, token.lcuId);
  makeFolder(stateDir, 0o700);
  const quality = linuxClockQuality({ runDir });
  await quality.refresh();
  const { address, collectorId, pin } = token;
  return enrol(
    token,
    {
      keyStore: fsKeyStore(stateDir, systemRandom),
      enrolments: fsEnrolmentStore(stateDir),
      verify: nodeVerify(),
      timers: systemTimers,
      agentVersion: AGENT_VERSION,
      dial: wsDialler({
        address,
        collectorId,
        pins: () => [pin],
        path: '/v1/enrol',
        idlePingMs: NO_PING_MS,
        clock: systemClock(() => quality.quality()),
        timers: systemTimers,
        warn: (code, facts) => io.err(`warning: ${new FarolaError(code, facts).message}`),
      }),
    },
    io.signal,
  );
}

async function readToken({ token, tokenFile }: EnrollOptions, io: CliIo): Promise<string> {
  if (tokenFile !== undefined) {
    if (token !== undefined)
      throw new FarolaError('usage', { reason: 'a token and --token-file are given; one of them is enough' });
    return readFile(tokenFile, 'utf8').catch((error: unknown) => {
      throw namedInputFailure(tokenFile, error);
    });
  }
  if (token !== undefined && token !== '-') return token;
  return io.ask ? io.ask('token: ') : io.readInput();
}

function wordsPage({ lcuId, collectorId, words }: Enrolment): string[] {
  return [
    `Enrolled as ${lcuId} at the collector ${collectorId}. It waits to be approved.`,
    '',
    'Read these six words to the operator:',
    '',
    ...words.map((word, index) => `    ${index + 1}  ${word.toUpperCase()}`),
    '',
    `The operator compares them with \`farola-collector lcu show ${lcuId}\` and types them to approve.`,
    'When the words differ, say so and stop: someone is in between.',
    'When they are the same: start the agent (`farola-agent run`, or its service), then `farola-agent status`.',
  ];
}
