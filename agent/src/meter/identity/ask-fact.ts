import { FarolaError } from '@farola/shared';
import type { ErrorCode } from '@farola/shared';
import { REFUSED, UNANSWERED } from '../line/meter-failures.js';
import type { RegisterClient } from '../line/register-client.js';
import type { Block } from '../plan/block.js';
import { PlanTerms } from '../plan/plan-terms.js';
import { decodeFact } from '../profile/decode-registers.js';
import type { FactRegister, Profile } from '../profile/profile.js';
import { spanOfPart } from '../profile/profile.js';
import { factText } from './fact-text.js';

/** Illegal function, address and value (Modbus application protocol V1.1b3, section 7): it has no such register. */
const HAS_NOT: ReadonlySet<unknown> = new Set([1, 2, 3]);
/** What a question to a device may end in; anything else is a mistake of the program. */
const FAILURES: ReadonlySet<ErrorCode> = new Set([
  ...UNANSWERED,
  ...REFUSED,
  'line-unavailable',
  'permission-denied',
  'port-in-use',
  'direction-refused',
]);

/** What of a profile says how its facts are asked for and read. */
export type FactTerms = Pick<
  Profile,
  | 'functionCode'
  | 'wordOrder'
  | 'byteOrder'
  | 'invalid'
  | 'maxRegisters'
  | 'evenCountOnly'
  | 'maxHoleRegisters'
  | 'exclusive'
  | 'barriers'
  | 'unreadable'
>;

/** Whom a fact is asked of. */
export interface Asked {
  /** Name of the analyser, for messages. */
  readonly analyser: string;
  readonly unit: number;
  readonly client: RegisterClient;
}

/** What came of the question for a fact. */
export type FactAnswer =
  /** Null: the register is there, and says that it has no value. */
  | { readonly kind: 'says'; readonly text: string | null }
  /** The device has no such register. */
  | { readonly kind: 'absent'; readonly exception: number }
  | { readonly kind: 'failed'; readonly failure: FarolaError };

/**
 * Asks for one fact in a request of its own, since registers of identity mean what they say only so. While an answer of that length is
 * owed it asks for registers beside as well, where the model allows that; a refusal of those is no answer about the fact.
 * @throws the reason of the signal
 */
export async function askFact(asked: Asked, terms: FactTerms, fact: FactRegister, signal?: AbortSignal): Promise<FactAnswer> {
  const functionCode = fact.functionCode ?? terms.functionCode;
  const block = factBlock(terms, fact, asked.client.owedCounts(asked.unit, functionCode));
  const answer = await ask(asked, terms, fact, block, signal);
  const plain = factBlock(terms, fact, new Set());
  return answer.kind === 'absent' && block.count !== plain.count ? ask(asked, terms, fact, plain, signal) : answer;
}

/** The request for a fact: of its registers alone, where their number is free and the model takes it. */
export function factBlock(terms: FactTerms, fact: FactRegister, owed: ReadonlySet<number>): Omit<Block, 'rows'> {
  const functionCode = fact.functionCode ?? terms.functionCode;
  const { from, to } = spanOfPart(fact);
  const alone = { functionCode, address: from, count: to - from };
  if (terms.exclusive.includes(from)) return alone;
  const plan = new PlanTerms({ ...terms, rows: [] });
  for (let { count } = alone; count <= terms.maxRegisters; count++) {
    if (owed.has(count)) continue;
    for (let address = from; address >= Math.max(0, to - count); address--) {
      if (!plan.obstacle({ from: address, to: address + count }, functionCode)) return { functionCode, address, count };
    }
  }
  return alone;
}

async function ask(
  { analyser, unit, client }: Asked,
  terms: FactTerms,
  fact: FactRegister,
  block: Omit<Block, 'rows'>,
  signal: AbortSignal | undefined,
): Promise<FactAnswer> {
  try {
    const bytes = await client.read({ analyser, unit, ...block }, signal);
    return { kind: 'says', text: factText(decodeFact(fact, { address: block.address, bytes }, terms)) };
  } catch (error) {
    if (!(error instanceof FarolaError) || !FAILURES.has(error.code)) throw error;
    const { exception } = error.facts;
    if (error.code === 'meter-exception' && HAS_NOT.has(exception)) return { kind: 'absent', exception: Number(exception) };
    return { kind: 'failed', failure: error };
  }
}
