import type { FactRegister, Profile } from '../profile/profile.js';
import { hex } from '../profile/hex.js';
import type { FactAnswer } from './ask-fact.js';
import { plainSerial } from './fact-text.js';
import { meaningIn, namesModel } from './recognise.js';
import { isTrusted } from './trusted-fact.js';

/** What is known of whom the configuration means. */
export interface Expected {
  readonly profile: Pick<Profile, 'identity' | 'models' | 'vendor' | 'trust'>;
  readonly serialNumber: string | undefined;
}

/** What a device said of itself; undefined what it was not asked, or did not answer. */
export interface Said {
  readonly model?: FactAnswer | undefined;
  readonly serialNumber?: FactAnswer | undefined;
  readonly productName?: FactAnswer | undefined;
}

/** In what a device is not what the configuration says. */
export interface Mismatch {
  readonly fact: 'model' | 'serialNumber' | 'productName';
  /** Whether the profile is sure enough of that register to refuse the device. */
  readonly certain: boolean;
  readonly expected: string;
  /** What the device says, and what that means where the profile knows it. */
  readonly says: string;
  /** The same as it was read; null when it says nothing. */
  readonly text: string | null;
}

/** Holds what a device says against what is configured: everything that does not agree, what is certain first. */
export function judgeDevice(expected: Expected, said: Said): Mismatch[] {
  const found = [modelMismatch(expected, said.model), serialMismatch(expected, said.serialNumber), productDoubt(expected, said)];
  return found.filter((one) => one !== undefined).toSorted((a, b) => Number(b.certain) - Number(a.certain));
}

/** What the configuration expects there. */
export function expectedModel({ vendor, models }: Pick<Profile, 'vendor' | 'models'>): string {
  return `${vendor} ${models.join(', ')}`;
}

function modelMismatch({ profile }: Expected, answer: FactAnswer | undefined): Mismatch | undefined {
  const model = profile.identity?.model;
  if (!model || !answer || answer.kind === 'failed') return undefined;
  if (answer.kind === 'says' && meaningIn(model.values, answer.text) !== undefined) return undefined;
  const says = modelSays(model, answer);
  const text = answer.kind === 'says' ? answer.text : null;
  return { fact: 'model', certain: isTrusted(model, profile), expected: expectedModel(profile), says, text };
}

function modelSays(
  model: FactRegister & { readonly refused: Readonly<Record<string, string>> },
  answer: Exclude<FactAnswer, { kind: 'failed' }>,
): string {
  const register = `register ${hex(model.addr)}`;
  if (answer.kind === 'absent') return `exception ${answer.exception} for ${register}`;
  if (answer.text === null) return `nothing in ${register}`;
  const why = meaningIn(model.refused, answer.text);
  return `${answer.text} in ${register}${why === undefined ? '' : `, which is ${why}`}`;
}

/** A device that does not tell its serial number is not refused for it. */
function serialMismatch({ profile, serialNumber }: Expected, answer: FactAnswer | undefined): Mismatch | undefined {
  const fact = profile.identity?.serialNumber;
  if (!fact || serialNumber === undefined || answer?.kind !== 'says') return undefined;
  const read = plainSerial(answer.text);
  if (read === null || read === plainSerial(serialNumber)) return undefined;
  const expected = `serial number ${serialNumber}`;
  const { text } = answer;
  return { fact: 'serialNumber', certain: isTrusted(fact, profile), expected, says: `serial number ${text}`, text };
}

/** The name of a product is written as its maker likes: it never refuses a device. */
function productDoubt({ profile }: Expected, { productName }: Said): Mismatch | undefined {
  if (!profile.identity?.productName || productName?.kind !== 'says' || productName.text === null) return undefined;
  if (namesModel(productName.text, profile)) return undefined;
  const { text } = productName;
  return { fact: 'productName', certain: false, expected: expectedModel(profile), says: `product name ${text}`, text };
}
