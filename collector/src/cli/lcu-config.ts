import { readFile } from 'node:fs/promises';
import {
  COMMAND_ARGUMENT_BYTES,
  COMMAND_TEXT,
  COMMANDS,
  counted,
  FarolaError,
  isoTime,
  pause,
  printable,
  readYaml,
  systemClock,
  systemTimers,
  trialSecondsOf,
} from '@farola/shared';
import { z } from 'zod';
import { inputFailure } from '../store/access-failure.js';
import { askControl } from '../api/node-control-client.js';
import type { OrderedCommand } from '../fleet/commands-book.js';
import { openTrial } from '../fleet/config-trial.js';
import type { Lcu } from '../fleet/fleet.js';
import type { SqliteState } from '../fleet/sqlite-state.js';
import type { CommandOptions } from './command-options.js';
import { nameConfig } from './name-config.js';
import { whoIsThere } from './who-decides.js';
import { withState } from './open-store.js';
import { parseUntil } from './parse-time.js';

/** Options of `lcu config push`. */
export interface PushOptions extends CommandOptions {
  readonly reason: string;
  readonly by?: string;
  readonly valid: string;
  readonly wait: string;
}

/** How often it is looked whether the LCU has said something, ms. */
const LOOK_MS = 250;
const MOST_WAIT_S = 3600;
/** What can be seen here: which fields an LCU takes, and whether they fit the others, its agent alone knows. */
const FIELDS = z.record(z.string(), z.unknown()).refine((fields) => Object.keys(fields).length > 0, 'it has no field');

/**
 * Sends fields of a configuration to an LCU: at once where it is connected, else when it comes, as long as it is valid. What is wrong
 * with its fields the LCU says; what is no YAML of fields is not sent. Errors: `config-invalid`, `lcu-unknown`, `command-unfit`, `usage`, `file-unreadable`; with `--wait` `command-refused`,
 * `command-expired`, and where the LCU did not get to it `config-on-trial` or `command-waits`.
 */
export async function pushConfig(lcuId: string, path: string, options: PushOptions): Promise<void> {
  const argument = await readArgument(path);
  const waitS = Number(options.wait);
  if (!Number.isInteger(waitS) || waitS < 0 || waitS > MOST_WAIT_S) {
    throw new FarolaError('usage', { reason: `--wait is a number of seconds up to ${MOST_WAIT_S}` });
  }
  const by = textOf('--by', options.by ?? whoIsThere(), COMMAND_TEXT.by);
  const reason = textOf('--reason', options.reason, COMMAND_TEXT.reason);
  await withState(options.config, async (state, config) => {
    const lcu = existing(state, lcuId);
    if (lcu.state !== 'active') throw new FarolaError('command-unfit', { lcu: lcuId, state: lcu.state });
    const orderedAtMs = systemClock().now().wallMs;
    const replaced = waitingFor(state, lcu, orderedAtMs);
    const { sequence } = state.commands.order({
      lcuNo: lcu.lcuNo,
      command: COMMANDS.config,
      argument,
      by,
      reason,
      orderedAtMs,
      validUntilMs: parseUntil('--valid', options.valid, orderedAtMs),
    });
    if (!options.json) {
      if (replaced !== null) options.out(`configuration ${replaced}, which waited, is replaced`);
      options.out(`a configuration waits for ${lcuId}`);
    }
    // Where it is connected, the round that this begins brings it; else it waits.
    await askControl(config.runDir, 'POST', `/poll/${lcuId}`).catch(() => undefined);
    const ended = await endOf(state, lcu, waitS);
    if (ended) checkEnd(lcuId, ended);
    // An LCU that knows higher numbers, as after a restore, is sent it under the next one.
    const sent = state.commands.last(lcu.lcuNo)?.sequence ?? sequence;
    const trialSeconds = trialSecondsOf(ended?.detail ?? null) ?? null;
    if (options.json) {
      const outcome = ended?.outcome ?? null;
      options.out(JSON.stringify({ lcuId, sequence: sent, replacedSequence: replaced, outcome, trialSeconds }));
    } else options.out(nameConfig(ended ? takenText(lcuId, sent, trialSeconds) : waitingText(lcuId), options.config));
    if (!ended && waitS > 0) throw notYet(state, lcu, sent, waitS);
  });
}

function takenText(lcuId: string, sequence: number, trialSeconds: number | null): string {
  const tries = trialSeconds === null ? 'tries it' : `tries it for ${trialSeconds} s`;
  return `${lcuId} has taken configuration ${sequence} and ${tries}; \`farola-collector lcu config show ${lcuId}\` tells whether it keeps it`;
}

function waitingText(lcuId: string): string {
  return `What it says of it: \`farola-collector lcu config show ${lcuId}\`, or here with --wait SECONDS`;
}

/** Why an LCU has not answered yet: the one before is on trial, or it has not come. */
function notYet({ commands, derived }: SqliteState, { lcuNo, lcuId }: Lcu, sequence: number, waitS: number): FarolaError {
  const trial = openTrial(lcuNo, commands, derived);
  if (trial && (trial.untilMs ?? Infinity) >= systemClock().now().wallMs) {
    const when = trial.untilMs === null ? 'within minutes' : `at about ${isoTime(trial.untilMs)}`;
    return new FarolaError('config-on-trial', { sequence: trial.sequence, when });
  }
  const until = isoTime(commands.last(lcuNo)?.validUntilMs ?? 0);
  return new FarolaError('command-waits', { lcu: lcuId, sequence, waitS, until });
}

/** An LCU by its name. Error: `lcu-unknown`. */
export function existing({ fleet }: SqliteState, lcuId: string): Lcu {
  const lcu = fleet.find(lcuId);
  if (!lcu) throw new FarolaError('lcu-unknown', { lcu: lcuId });
  return lcu;
}

async function endOf({ commands }: SqliteState, { lcuNo }: Lcu, waitS: number): Promise<OrderedCommand | undefined> {
  for (let waited = 0; ; waited += LOOK_MS) {
    const last = commands.last(lcuNo);
    if (last && last.outcome !== null) return last;
    if (waited >= waitS * 1000) return undefined;
    await pause(systemTimers, LOOK_MS);
  }
}

/** Number of the configuration that waits for an LCU; null when none does. */
function waitingFor({ commands }: SqliteState, { lcuNo }: Lcu, nowMs: number): number | null {
  return commands.waiting(lcuNo, nowMs).findLast(({ command }) => command === COMMANDS.config)?.sequence ?? null;
}

/** Throws what an LCU refused with. */
function checkEnd(lcuId: string, { outcome, detail, sequence }: OrderedCommand): void {
  if (outcome === 'ok') return;
  if (outcome === 'command-expired') throw new FarolaError('command-expired', { sequence });
  const said = (detail ?? '').split('\n').map((line) => printable(line.trim()));
  const why = said.filter((line) => line !== '');
  const reason = outcome === 'config-invalid' ? [counted(why.length, 'problem'), ...why].join('\n  ') : why.join('; ');
  throw new FarolaError('command-refused', { lcu: lcuId, sequence, reason: reason === '' ? String(outcome) : reason });
}

async function readArgument(path: string): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw inputFailure(error, path);
  });
  if (bytes.length === 0 || bytes.length > COMMAND_ARGUMENT_BYTES) {
    throw new FarolaError('usage', {
      reason: `${path} has ${bytes.length} bytes; a configuration has 1 to ${COMMAND_ARGUMENT_BYTES}`,
    });
  }
  const read = readYaml(bytes.toString(), FIELDS);
  if (read.ok) return new Uint8Array(bytes);
  const problems = read.problems.map((line) => `  ${printable(line)}`).join('\n');
  throw new FarolaError('config-invalid', { path, count: read.problems.length, problems });
}

function textOf(option: string, text: string, most: number): string {
  const trimmed = text.trim();
  if (trimmed !== '' && trimmed.length <= most) return trimmed;
  throw new FarolaError('usage', { reason: `${option} has 1 to ${most} characters` });
}
