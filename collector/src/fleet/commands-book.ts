import type { ErrorCode } from '@farola/shared';

/** What a person orders of an LCU. */
export interface NewCommand {
  readonly lcuNo: number;
  /** By COMMANDS. */
  readonly command: number;
  readonly argument: Uint8Array;
  readonly by: string;
  readonly reason: string;
  /** Wall time, ms. */
  readonly orderedAtMs: number;
  /** Until when it may be carried out, wall time, ms. */
  readonly validUntilMs: number;
}

/** What became of a command: what the LCU said, `command-expired`, or `replaced` by a later one. */
export type CommandEnd = 'ok' | 'replaced' | ErrorCode;

/** A command and what became of it. */
export interface OrderedCommand extends NewCommand {
  /** Its number among those to this LCU, from 1. */
  readonly sequence: number;
  /** Null while it waits for the LCU. */
  readonly outcome: CommandEnd | null;
  readonly detail: string | null;
  readonly answeredAtMs: number | null;
}

/** Port: what LCUs are ordered. Any number of processes; durable when it returns. Errors: `disk-failure`, `ledger-corrupt`. */
export interface CommandsBook {
  /** Orders something; what of the same kind still waits is replaced. */
  order(command: NewCommand): OrderedCommand;
  /** Numbers of the LCUs that something may wait for. */
  lcusWaiting(): readonly number[];
  /** What waits for an LCU, oldest first; what is valid no more is ended. */
  waiting(lcuNo: number, nowMs: number): readonly OrderedCommand[];
  /** Notes what became of a command. */
  end(lcuNo: number, sequence: number, outcome: CommandEnd, detail: string, atMs: number): void;
  /** Gives a command that waits another number, above one that the LCU says it has accepted. */
  renumber(lcuNo: number, sequence: number, above: number): void;
  /** The newest command to an LCU; undefined when there was none. */
  last(lcuNo: number): OrderedCommand | undefined;
  /** The newest that an LCU took; undefined when it took none. */
  lastTaken(lcuNo: number): OrderedCommand | undefined;
}
