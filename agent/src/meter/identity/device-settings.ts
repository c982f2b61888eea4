import type { Profile } from '../profile/profile.js';
import { isTrusted } from './trusted-fact.js';

/** Primary and secondary of a transformer. */
interface Ratio {
  readonly primary: number;
  readonly secondary: number;
}

/** The ratios as they are configured. */
export interface ConfiguredRatios {
  readonly ctRatio?: Ratio | undefined;
  readonly vtRatio?: Ratio | undefined;
}

/** A setting that is not what it was, or not what is configured: `before`. */
export interface SettingChange {
  readonly setting: string;
  readonly before: string;
  readonly now: string;
}

/** The settings of which a ratio is made. */
const PARTS = {
  ctRatio: { whole: 'ctRatio', primary: 'ctPrimary', secondary: 'ctSecondary' },
  vtRatio: { whole: 'vtRatio', primary: 'vtPrimary', secondary: 'vtSecondary' },
} as const;

/** What is not as it was. What was not read, then or now, is not compared. */
export function changedSettings(
  before: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): SettingChange[] {
  return Object.entries(now).flatMap(([setting, value]) => {
    const was = before[setting];
    return was === undefined || was === value ? [] : [{ setting, before: was, now: value }];
  });
}

/**
 * Which ratios of the device are not those that are configured. A ratio counts as a fraction: 100/5 is 20/1, since the bill knows no
 * other difference. Registers that the profile is not sure of are not compared: a wrong length would condemn every value.
 */
export function differingRatios(
  configured: ConfiguredRatios,
  settings: Readonly<Record<string, string>>,
  profile: Pick<Profile, 'setup' | 'trust'>,
): SettingChange[] {
  return (['ctRatio', 'vtRatio'] as const).flatMap((setting) => {
    const wanted = configured[setting];
    const read = ratioIn(setting, settings, profile);
    if (!wanted || !read || read.primary * wanted.secondary === wanted.primary * read.secondary) return [];
    return [{ setting, before: ratioText(wanted), now: ratioText(read) }];
  });
}

/** Whether a setting is held against the configuration, so that a change of it by itself says nothing more. */
export function isConfigured(
  setting: string,
  configured: ConfiguredRatios,
  settings: Readonly<Record<string, string>>,
  profile: Pick<Profile, 'setup' | 'trust'>,
): boolean {
  return (['ctRatio', 'vtRatio'] as const).some(
    (ratio) =>
      configured[ratio] !== undefined &&
      ratioIn(ratio, settings, profile) !== undefined &&
      Object.values<string>(PARTS[ratio]).includes(setting),
  );
}

function ratioIn(
  ratio: keyof typeof PARTS,
  settings: Readonly<Record<string, string>>,
  profile: Pick<Profile, 'setup' | 'trust'>,
): Ratio | undefined {
  const { whole, primary, secondary } = PARTS[ratio];
  const number = (what: string): number | undefined => {
    const fact = profile.setup.find((one) => one.what === what);
    const value = fact && isTrusted(fact, profile) ? Number(settings[what]) : Number.NaN;
    return Number.isFinite(value) ? value : undefined;
  };
  const [one, by, all] = [number(primary), number(secondary), number(whole)];
  if (one !== undefined && by !== undefined) return { primary: one, secondary: by };
  return all === undefined ? undefined : { primary: all, secondary: 1 };
}

function ratioText({ primary, secondary }: Ratio): string {
  return `${primary}/${secondary}`;
}
