import { REFUSED } from '../line/meter-failures.js';
import type { Profile } from '../profile/profile.js';
import { trimmed } from '../profile/decode-registers.js';
import { lengthOf } from '../profile/register-type.js';
import { askFact } from './ask-fact.js';
import type { Asked, FactAnswer } from './ask-fact.js';
import { plainName } from './fact-text.js';

type Model = NonNullable<NonNullable<Profile['identity']>['model']>;

/** A profile that a device fits, and which of its models it says it is. */
export interface Likeness {
  readonly profileId: string;
  readonly vendor: string;
  /** As `values` of the profile name it; what it says itself where that names the product. */
  readonly model: string;
}

/** What a device looks like. */
export interface Recognised {
  /** Whether it answered at all, be it by exceptions. */
  readonly answered: boolean;
  /** Several where profiles are told apart by nothing that the device says; empty when nothing that is known fits. */
  readonly looksLike: readonly Likeness[];
  /** Where a profile knows the device as one that it does not fit: why. */
  readonly why: string | null;
}

/** Profiles that ask one and the same question for their model. */
interface Group {
  readonly model: Model;
  readonly profiles: readonly Profile[];
}

/**
 * Asks a device what it is: the model register of each profile, each distinct one once, the ones that cannot match by chance first,
 * until one matches. Profiles without such a register are never found.
 * @throws the reason of the signal
 */
export async function recognise(asked: Asked, profiles: Iterable<Profile>, signal?: AbortSignal): Promise<Recognised> {
  let answered = false;
  let why: string | null = null;
  for (const { model, profiles: sharing } of groups(profiles)) {
    const [terms] = sharing;
    const answer: FactAnswer | undefined = terms && (await askFact(asked, terms, model, signal));
    if (!answer) continue;
    if (answer.kind === 'failed') {
      if (!REFUSED.has(answer.failure.code)) break;
      answered = true;
      continue;
    }
    answered = true;
    if (answer.kind === 'absent') continue;
    const { text } = answer;
    const fitting = sharing.flatMap((profile) => {
      const named = meaningIn(profile.identity?.model?.values, text);
      return named === undefined ? [] : [{ profile, named }];
    });
    if (fitting.length > 0) return { answered, looksLike: await narrowed(asked, fitting, signal), why };
    why ??= sharing.map((profile) => meaningIn(profile.identity?.model?.refused, text)).find((one) => one !== undefined) ?? null;
  }
  return { answered, looksLike: [], why };
}

/** What a list of an identity says of this text; undefined when the text is not in it. */
export function meaningIn(list: Readonly<Record<string, string>> | undefined, text: string | null): string | undefined {
  return text === null ? undefined : Object.entries(list ?? {}).find(([value]) => trimmed(value) === text)?.[1];
}

function groups(profiles: Iterable<Profile>): Group[] {
  const found = new Map<string, { model: Model; profiles: Profile[] }>();
  for (const profile of profiles) {
    const model = profile.identity?.model;
    if (!model) continue;
    const { addr, type, charsPerRegister, functionCode = profile.functionCode, wordOrder = profile.wordOrder } = model;
    const key = [functionCode, addr, type, lengthOf(model), charsPerRegister ?? 2, wordOrder, profile.byteOrder].join();
    const group = found.get(key);
    if (group) group.profiles.push(profile);
    else found.set(key, { model, profiles: [profile] });
  }
  return [...found.values()].toSorted((a, b) => strength(b.model) - strength(a.model));
}

/** A number in one register is what other devices have there by chance; a text in several is not. */
function strength(model: Model): number {
  return lengthOf(model) + (model.type === 'string' ? 100 : 0);
}

/** Of profiles that one answer fits, those whose model the name of the product has in it; all when none has. */
async function narrowed(
  asked: Asked,
  fitting: readonly { profile: Profile; named: string }[],
  signal: AbortSignal | undefined,
): Promise<Likeness[]> {
  const alike = fitting.map(({ profile, named }) => ({ profileId: profile.id, vendor: profile.vendor, model: named }));
  const first = fitting[0]?.profile;
  const productName = first?.identity?.productName;
  if (fitting.length === 1 || !first || !productName) return alike;
  const answer = await askFact(asked, first, productName, signal);
  const product = answer.kind === 'says' ? answer.text : null;
  if (product === null) return alike;
  const named = fitting.filter(({ profile }) => namesModel(product, profile));
  return (named.length > 0 ? named : fitting).map(({ profile }) => ({
    profileId: profile.id,
    vendor: profile.vendor,
    model: product,
  }));
}

/** Whether the name of a product has one of the models of a profile in it, or is cut off before its end. */
export function namesModel(product: string, { models }: Pick<Profile, 'models'>): boolean {
  const said = plainName(product);
  return models.map(plainName).some((model) => said.includes(model) || model.startsWith(said));
}
