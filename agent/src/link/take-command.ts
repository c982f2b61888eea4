import {
  type AsyncSigner,
  COMMAND,
  COMMAND_ANSWER,
  COMMAND_TEXT,
  type Command,
  COMMANDS,
  encodeFrame,
  type ErrorCode,
  FarolaError,
  KINDS,
  openSigned,
  refuse,
  type Result,
  sameBytes,
  sha256,
  signMessageAsync,
  type Verify,
} from '@farola/shared';
import type { ConnectionFacts } from './connection.js';

/** What became of a command. */
export interface CommandOutcome {
  readonly outcome: 'ok' | ErrorCode;
  /** What is wrong, in words; empty when nothing is. */
  readonly detail: string;
}

/** Port: carries commands out. One caller at a time. */
export interface Commands {
  /** Highest sequence that was accepted; 0 for none. */
  readonly accepted: number;
  /** Whether what this one orders is in force, or on trial, by its very number: its answer was lost. */
  isCarriedOut(command: Command): boolean;
  /** Carries one out whose sequence is above that. @throws FarolaError `disk-failure`: then it is as if it had not come */
  configure(command: Command): Promise<CommandOutcome>;
}

/** What taking a command works with. */
export interface TakeCommandDeps {
  readonly lcuId: string;
  readonly collectorId: string;
  readonly commandKeys: () => readonly Uint8Array[];
  readonly commands: Commands;
  readonly signer: AsyncSigner;
  readonly verify: Verify;
}

/**
 * Takes a command of the collector: by its command key, for this LCU and this connection. What is one is answered, signed, with
 * what became of it and the highest sequence accepted; anything else is refused with the codes of `openSigned`, `version-unknown`,
 * `collector-mismatch`, `command-for-another` or `command-nonce-foreign`, and not answered.
 */
export async function takeCommand(
  signed: Uint8Array,
  connection: ConnectionFacts,
  deps: TakeCommandDeps,
): Promise<Result<Uint8Array>> {
  const verified = verifyCommand(signed, connection, deps);
  if (!verified.ok) return verified;
  const { commands, lcuId, signer } = deps;
  const { outcome, detail } = await carryOut(verified.value, commands);
  const answer = {
    version: connection.version,
    lcuId,
    commandHash: sha256(signed),
    accepted: commands.accepted,
    outcome,
    detail: detail.slice(0, COMMAND_TEXT.detail),
  };
  return { ok: true, value: encodeFrame(KINDS.commandAnswer.number, await signMessageAsync(COMMAND_ANSWER, answer, signer)) };
}

function verifyCommand(signed: Uint8Array, { version, lcuNonce }: ConnectionFacts, deps: TakeCommandDeps): Result<Command> {
  const opened = openSigned(COMMAND, signed, deps.commandKeys(), deps.verify);
  if (!opened.ok) return opened;
  const command = opened.value;
  if (command.version !== version) return refuse('version-unknown', { version: command.version, known: version });
  if (command.collectorId !== deps.collectorId) {
    return refuse('collector-mismatch', { named: command.collectorId, collector: deps.collectorId });
  }
  if (command.lcuId !== deps.lcuId) return refuse('command-for-another', { named: command.lcuId, lcu: deps.lcuId });
  if (!sameBytes(command.lcuNonce, lcuNonce)) return refuse('command-nonce-foreign');
  return opened;
}

async function carryOut(command: Command, commands: Commands): Promise<CommandOutcome> {
  const { sequence, command: number, validForMs } = command;
  const refused = (code: ErrorCode, facts = {}): CommandOutcome => ({
    outcome: code,
    detail: new FarolaError(code, facts).message,
  });
  if (commands.isCarriedOut(command)) return { outcome: 'ok', detail: '' };
  if (sequence <= commands.accepted) return refused('command-older', { sequence, accepted: commands.accepted });
  if (validForMs === 0) return refused('command-expired', { sequence });
  if (number !== COMMANDS.config) return refused('command-unknown', { command: number });
  return commands.configure(command);
}
