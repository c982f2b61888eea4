import { readFileSync } from 'node:fs';
import { errnoOf, toHex } from '@farola/shared';
import { readBootId } from '../trust/linux-boot-id.js';

/** What the kernel says of a process that is there, proc_pid_stat(5). */
export interface ProcessFacts {
  /** One letter. */
  readonly state: string;
  /** When it began, clock ticks after the boot. */
  readonly startTicks: number;
}

/** By which a process is known from another that has its number later. */
export interface ProcessBirth {
  /** Boot id of the kernel, hexadecimal. */
  readonly boot: string;
  readonly startTicks: number;
}

/** States of one that has ended and is only listed still. */
const ENDED: ReadonlySet<string> = new Set(['Z', 'X']);
/** Of the field that starttime is, counted from the state. */
const START_FIELD = 19;

/** What the kernel says of a process; undefined where it says nothing to this user. */
export function readProcess(pid: number): ProcessFacts | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name before, in brackets, may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', startTicks: Number(fields[START_FIELD]) };
  } catch {
    return undefined;
  }
}

/** By which this process is known; undefined on a machine that does not tell. */
export function ownBirth(): ProcessBirth | undefined {
  const facts = readProcess(process.pid);
  return facts && { boot: toHex(readBootId()), startTicks: facts.startTicks };
}

/**
 * Whether a process is there that had this number, and is the same one.
 * @param birth undefined of one that told none: then its number is all that there is
 */
export function isThere(pid: number, birth: ProcessBirth | undefined): boolean {
  if (!answers(pid)) return false;
  const facts = readProcess(pid);
  if (!facts) return true;
  if (ENDED.has(facts.state)) return false;
  return birth === undefined || (birth.startTicks === facts.startTicks && birth.boot === toHex(readBootId()));
}

function answers(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
}
