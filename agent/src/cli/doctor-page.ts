import { counted, quantityByName, textTable } from '@farola/shared';
import type { Profile } from '../meter/profile/profile.js';
import type { Diagnosis, QuantityFinding, RowVerdict } from '../meter/tool/doctor/diagnose.js';
import type { Examination } from '../meter/tool/doctor/examine-meter.js';

/** What an examination found, in words. @param profile as it is told by its user */
export function examinedPage(profile: Profile, examination: Examination): string[] {
  const { findings } = examination.diagnosis;
  const rows = findings.map((one) => [
    one.quantity,
    shown(one.quantity, one.expected),
    one.verdict,
    shown(one.quantity, one.shows),
    judgement(one),
  ]);
  const titles = ['quantity', 'display', 'answer', 'profile says', ''].map((title) => ({ title }));
  return [...textTable(titles, rows), ...verdictOf(profile, examination)];
}

function verdictOf(profile: Profile, { profile: { functionCode }, diagnosis, isOtherAsked, looksLike }: Examination): string[] {
  const { findings, change, fitting } = diagnosis;
  const isOther = functionCode !== profile.functionCode;
  if (!isOther && change === null && findings.every(({ agrees }) => agrees)) return [`${profile.id} says what the display shows`];
  const unpolled = findings.filter(({ verdict }) => verdict === 'not polled').map(({ quantity }) => quantity);
  const left = unpolled.length === 0 ? [] : [`${profile.id} has no row of ${unpolled.join(', ')}: that was not asked`];
  if (fitting > 0) {
    const by = isOther ? `function ${functionCode} in place of ${profile.functionCode}, ` : '';
    return [`${by}${changeText(change)}: ${fitting} of ${counted(findings.length, 'quantity', 'quantities')} fit`, ...left];
  }
  const asked = findings.filter(({ verdict }) => verdict !== 'not polled');
  const every = (one: RowVerdict): boolean => asked.length > 0 && asked.every(({ verdict }) => verdict === one);
  const functions = isOtherAsked ? 'by functions 3 and 4' : `by function ${functionCode}`;
  const names = looksLike.map(({ vendor, model, profileId }) => `${vendor} ${model} (${profileId})`).join(' or ');
  const says = names === '' ? [] : [`it says that it is ${names}`];
  if (asked.length === 0) return left;
  if (every('unreachable')) return ['a gateway answers, and says that nobody answers it behind', ...left];
  if (every('no answer')) return ['nobody answers', ...left];
  if (every('refused')) return [`the meter answers, and refuses all that was asked ${functions}`, ...says, ...left];
  if (every('zero')) return [`the meter answers, and all that was asked holds 0 ${functions}`, ...says, ...left];
  return [
    `nothing within three registers fits, in any order and type, ${functions}: it may be another model than ${profile.id}`,
    ...says,
    ...left,
  ];
}

function changeText(change: Diagnosis['change']): string {
  if (!change) return 'addresses and order as they are';
  const { offset, order } = change;
  const where =
    offset === 0 ? 'addresses as they are' : `${counted(Math.abs(offset), 'register')} ${offset > 0 ? 'further' : 'before'}`;
  return `${where}, order ${order}`;
}

function judgement({ agrees, fits, verdict }: QuantityFinding): string {
  if (fits) {
    const type = fits.type === null ? '' : ` as ${fits.type}`;
    if (fits.power !== 0) return `fits${type} with its scale times 1e${fits.power}`;
    return type !== '' ? `fits${type}` : agrees ? 'agrees' : 'fits with the change';
  }
  return verdict === 'read' || verdict === 'zero' ? 'does not fit' : '';
}

function shown(quantity: string, value: number | null): string {
  return value === null ? '-' : `${Number(value.toPrecision(7))} ${quantityByName(quantity)?.unit ?? ''}`.trimEnd();
}

/** A proposal under its title; nothing where there is none. */
export function proposalPage(proposal: string | undefined): string[] {
  return proposal === undefined
    ? []
    : ['', '# to be kept under its id, checked by `farola-agent profile check`:', ...proposal.trimEnd().split('\n')];
}

/** What an examination found. */
export function examinedJson({ findings, change, fitting }: Diagnosis): object {
  const moved =
    fitting === 0 ? null : { registerOffset: change?.offset ?? 0, order: change?.order ?? null, fittingCount: fitting };
  return { moved, findings: findings.map(findingJson) };
}

/** The same where registers are searched. */
export const NOTHING_EXAMINED = { moved: null, findings: [], looksLike: [] };

function findingJson({ quantity, expected, verdict, shows, agrees, fits }: QuantityFinding): object {
  return {
    quantity,
    displayed: expected,
    response: verdict,
    shows,
    agrees,
    fits: fits && { shows: fits.value, scalePower: fits.power, type: fits.type },
  };
}
