import { FarolaError } from '@farola/shared';
import { REFUSED } from '../line/meter-failures.js';
import type { RegisterClient } from '../line/register-client.js';

/** Which registers. */
export interface RegisterRange {
  /** Name for messages. */
  readonly analyser: string;
  readonly unit: number;
  readonly functionCode: 3 | 4;
  /** First register, as on the wire. */
  readonly address: number;
  readonly count: number;
  /** The fewest that it gives: 2 for a model that refuses an odd number; 1 when it is not told. */
  readonly least?: 1 | 2 | undefined;
}

/** What stands in a register, or the exception that the device answers for it. */
export type RegisterAnswer = { readonly word: number } | { readonly exception: number };

/** Registers by address. */
export type RegisterAnswers = ReadonlyMap<number, RegisterAnswer>;

/** Most registers of one question (Modbus application protocol V1.1b3, section 6.3). */
const MOST = 125;

/**
 * Reads registers, and of those that are refused together each half, down to single ones: what a device has is read beside what it
 * does not have.
 * @throws FarolaError `meter-timeout`, `meter-unreachable`, `meter-malformed`, and those of the line; the reason of the signal
 */
export async function readRegisters(
  client: RegisterClient,
  range: RegisterRange,
  signal?: AbortSignal,
): Promise<RegisterAnswers> {
  const answers = new Map<number, RegisterAnswer>();
  const waiting = [range];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { address, count, least = 1 } = next;
    const most = MOST - (MOST % least);
    if (count > most) {
      waiting.unshift({ ...next, count: most }, { ...next, address: address + most, count: count - most });
      continue;
    }
    const read = await ask(client, next, signal);
    if (read instanceof Uint8Array) {
      const view = new DataView(read.buffer, read.byteOffset, read.length);
      for (let index = 0; index < count; index++) answers.set(address + index, { word: view.getUint16(2 * index) });
    } else if (count <= least) for (let index = 0; index < count; index++) answers.set(address + index, { exception: read });
    else {
      const half = least * Math.max(1, Math.floor(count / 2 / least));
      waiting.unshift({ ...next, count: half }, { ...next, address: address + half, count: count - half });
    }
  }
  return answers;
}

/** The bytes, or the exception. */
async function ask(client: RegisterClient, range: RegisterRange, signal?: AbortSignal): Promise<Uint8Array | number> {
  try {
    return await client.read(range, signal);
  } catch (error) {
    if (error instanceof FarolaError && REFUSED.has(error.code)) return Number(error.facts['exception']);
    throw error;
  }
}

/** The words from `address` on; undefined when one of them was refused. */
export function wordsAt(answers: RegisterAnswers, address: number, count: number): number[] | undefined {
  const words: number[] = [];
  for (let register = address; register < address + count; register++) {
    const answer = answers.get(register);
    if (!answer || !('word' in answer)) return undefined;
    words.push(answer.word);
  }
  return words;
}
