import { readFile } from 'node:fs/promises';
import { FarolaError, isoTime, parseToken, systemClock, systemRandom, systemTimers } from '@farola/shared';
import { enrol, type Enrolled } from '../link/enrol.js';
import { wsDialler } from '../link/ws-dialler.js';
import { makeFolder, namedInputFailure } from '../trust/fs-durable-file.js';
import { readRunning } from '../status/fs-run-status.js';
import { fsEnrolmentStore } from '../trust/fs-enrolment-store.js';
import { loadIdentity } from '../trust/fs-identity.js';
import { fsKeyStore } from '../trust/fs-key-store.js';
import type { Enrolment } from '../trust/identity.js';
import { linuxClockQuality } from '../trust/linux-clock-quality.js';
import { nodeVerify } from '../trust/node-verify.js';
import { AGENT_VERSION } from '../version.js';
import type { CliIo } from './cli-io.js';
import { refuseForeignJournal } from './found-identity.js';
import { type FolderOptions, type Folders, foldersOf } from './folders.js';
import { orInterrupted } from './interrupted.js';
import { knownStanding, type Standing } from './known-standing.js';
import { nameOptions } from './name-options.js';
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
 * Enrols this LCU by a token and prints the six words. Safe to run again with the same token: it then tells how the LCU stands.
 * @throws FarolaError `token-malformed`, `file-unreadable`, `already-enrolled`, `journal-foreign`, and what `enrol` and `knownStanding` throw;
 * the reason of the signal
 */
export async function enrollAgent(options: EnrollOptions, io: CliIo): Promise<void> {
  const folders = await foldersOf(options);
  const { enrolment, again } = await orInterrupted(enrolByToken(options, folders, io), io.signal);
  const standing = again ? await standingOf(enrolment, folders) : { is: 'waits' as const };
  const facts = { ...enrolmentJson(enrolment), again, approval: standing.is };
  const page = [...(again ? againPage(enrolment, standing) : firstPage(enrolment)), ...wordsPage(enrolment, standing)];
  say({ out: (line) => io.out(line), json: options.json }, facts, ...page.map((line) => nameOptions(line, options)));
}

/** Of an LCU that was enrolled before. Its parts must agree: else it would be told to go on with what cannot run. */
async function standingOf({ lcuId }: Enrolment, { stateDir, runDir }: Folders): Promise<Standing> {
  await loadIdentity(stateDir, nodeVerify(), systemRandom);
  return knownStanding(readRunning(runDir, systemClock().now().monoMs), lcuId);
}

async function enrolByToken(options: EnrollOptions, { stateDir, runDir }: Folders, io: CliIo): Promise<Enrolled> {
  const token = parseToken(await readToken(options, io));
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

function firstPage({ lcuId, collectorId }: Enrolment): string[] {
  return [`Enrolled as ${lcuId} at the collector ${collectorId}. It waits to be approved.`];
}

function againPage({ lcuId, collectorId }: Enrolment, standing: Standing): string[] {
  const before = `This token was used, here: this LCU is ${lcuId} at the collector ${collectorId}. Nothing was changed.`;
  switch (standing.is) {
    case 'approved':
      return [before, `It is approved: the collector last took an answer of it at ${isoTime(standing.lastAnswerMs)}.`];
    case 'waits':
      return [before, 'It waits to be approved.'];
    case 'not-known':
      return [before, 'Whether it is approved only the collector knows, and the agent once it runs: `farola-agent status`.'];
  }
}

/** What is left to do; nothing where it is approved. */
function wordsPage({ lcuId, words }: Enrolment, { is }: Standing): string[] {
  if (is === 'approved') return [];
  return [
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
