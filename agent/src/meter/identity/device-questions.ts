import type { FarolaError } from '@farola/shared';
import type { AnalyserConfig } from '../../config/config-schema.js';
import { REFUSED, UNANSWERED } from '../line/meter-failures.js';
import type { RegisterClient } from '../line/register-client.js';
import type { FactRegister, Profile } from '../profile/profile.js';
import { askFact } from './ask-fact.js';
import type { Asked, FactAnswer } from './ask-fact.js';
import type { ReadFacts } from './device-report.js';
import { meaningIn } from './recognise.js';
import { isTrusted } from './trusted-fact.js';

/** What a device says of itself, by the name of the fact. */
export type FactName = 'model' | 'serialNumber' | 'firmware' | 'productName';
/** What came of those that were asked. */
export type FactAnswers = Partial<Record<FactName, FactAnswer>>;

/** A fact and where it lies. */
export interface NamedFact {
  readonly name: FactName;
  readonly fact: FactRegister;
}

/** What tells devices apart, and what else they say of themselves. */
const WHO: readonly FactName[] = ['model', 'serialNumber'];
const BESIDE: readonly FactName[] = ['firmware', 'productName'];

/** So many facts that are left unanswered, and the rest waits for the next time: a device that went away costs no more. */
const UNANSWERED_MOST = 2;

/** Asks a device what its profile says that can be asked of it, each fact in a request of its own. */
export class DeviceQuestions {
  /** Whom it asks. */
  readonly asked: Asked;
  /** Facts that can refuse a device, and are known before a value of it is used. */
  readonly needed: readonly NamedFact[];
  readonly #profile: Profile;

  constructor(analyser: AnalyserConfig, profile: Profile, client: RegisterClient) {
    this.asked = { analyser: analyser.id, unit: analyser.unit, client };
    this.#profile = profile;
    const canRefuse = (name: FactName): boolean => name === 'model' || analyser.serialNumber !== undefined;
    this.needed = this.#named(WHO).filter(({ name, fact }) => canRefuse(name) && isTrusted(fact, profile));
  }

  /** @throws the reason of the signal */
  async ask(fact: FactRegister, signal?: AbortSignal): Promise<FactAnswer> {
    return askFact(this.asked, this.#profile, fact, signal);
  }

  /** What an analyser that answers leaves unanswered is asked once more. @throws the reason of the signal */
  async askTwice(fact: FactRegister, signal?: AbortSignal): Promise<FactAnswer> {
    const answer = await this.ask(fact, signal);
    return answer.kind === 'failed' && UNANSWERED.has(answer.failure.code) ? this.ask(fact, signal) : answer;
  }

  /**
   * Asks for what is not among the answers yet, and puts it there. Returns the settings; undefined when the line failed.
   * @throws the reason of the signal
   */
  async askRest(answers: FactAnswers, signal?: AbortSignal): Promise<Record<string, string> | undefined> {
    const settings: Record<string, string> = {};
    let unanswered = 0;
    const facts = this.#named([...WHO, ...BESIDE]).filter(({ name }) => answers[name] === undefined);
    const setup = this.#profile.setup.map((fact) => ({ name: undefined, fact }));
    for (const { name, fact } of [...facts, ...setup]) {
      if (unanswered >= UNANSWERED_MOST) break;
      const answer = await this.ask(fact, signal);
      if (answer.kind === 'failed' && !ofDevice(answer.failure)) return undefined;
      if (answer.kind === 'failed' && UNANSWERED.has(answer.failure.code)) unanswered++;
      if (name) answers[name] = answer;
      else if (answer.kind === 'says' && answer.text !== null && 'what' in fact) settings[fact.what] = answer.text;
    }
    return settings;
  }

  #named(names: readonly FactName[]): NamedFact[] {
    const { identity } = this.#profile;
    return names.flatMap((name) => (identity?.[name] ? [{ name, fact: identity[name] }] : []));
  }
}

/** What a device said of itself, in words; what it was not asked is left out. */
export function factsIn(answers: FactAnswers, { identity }: Profile): ReadFacts {
  const model = textOf(answers.model);
  const named = typeof model === 'string' ? (meaningIn(identity?.model?.values, model) ?? model) : model;
  const read = {
    model: named,
    productName: textOf(answers.productName),
    serialNumber: textOf(answers.serialNumber),
    firmware: textOf(answers.firmware),
  };
  return Object.fromEntries(Object.entries(read).filter(([, text]) => text !== undefined));
}

/** Null: it has none; undefined: it was not asked, or did not answer. */
function textOf(answer: FactAnswer | undefined): string | null | undefined {
  if (!answer || answer.kind === 'failed') return undefined;
  return answer.kind === 'says' ? answer.text : null;
}

/** Whether a failure is of the device, and not of its line. */
function ofDevice({ code }: FarolaError): boolean {
  return UNANSWERED.has(code) || REFUSED.has(code);
}
