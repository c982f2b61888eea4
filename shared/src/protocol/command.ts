import * as z from 'zod';
import { nameSchema } from '../names.js';
import { anyBytes, hash32, nonce16, uint, version } from './fields.js';
import { messageType } from './message.js';

/** What an LCU can be ordered to do. A number stands for ever for its command. */
export const COMMANDS = {
  /** Go by the fields of the configuration in the argument, a YAML text. */
  config: 1,
} as const;

/** Longest argument of a command, bytes. */
export const COMMAND_ARGUMENT_BYTES = 24 * 1024;
/** Longest name and reason of a command, and longest detail of its answer, characters. */
export const COMMAND_TEXT = { by: 64, reason: 200, detail: 4000 } as const;

/** An order to one LCU on one connection. Signed with the command key. */
export const COMMAND = messageType(
  'command',
  z.strictObject({
    version,
    lcuId: nameSchema,
    collectorId: nameSchema,
    /** The LCU's nonce of this connection. */
    lcuNonce: nonce16,
    /** Rises with each command to this LCU, from 1. */
    sequence: uint,
    /** By COMMANDS. */
    command: z.int().min(1).max(255),
    argument: anyBytes,
    /** Who ordered it, and why. */
    by: z.string().max(COMMAND_TEXT.by),
    reason: z.string().max(COMMAND_TEXT.reason),
    /** How long it may be carried out, from its receipt on, ms. */
    validForMs: uint,
    /** Wall time of the collector, ms since 1970 UTC. */
    issuedAt: uint,
  }),
);

/** What became of a command. Signed with the LCU key. */
export const COMMAND_ANSWER = messageType(
  'commandAnswer',
  z.strictObject({
    version,
    lcuId: nameSchema,
    /** SHA-256 of the whole signed command. */
    commandHash: hash32,
    /** Highest sequence that the LCU has accepted, this one or another; 0 for none. */
    accepted: uint,
    /** `ok`, or a code of the error table. */
    outcome: z.string().max(64),
    /** What is wrong, in words. */
    detail: z.string().max(COMMAND_TEXT.detail),
  }),
);

/** The fields of a command. */
export type Command = z.output<typeof COMMAND.schema>;
/** The fields of what became of it. */
export type CommandAnswer = z.output<typeof COMMAND_ANSWER.schema>;
