import type { Profile } from '../profile/profile.js';
import { changedSettings, differingRatios, isConfigured } from './device-settings.js';
import type { ConfiguredRatios } from './device-settings.js';
import type { DeviceWorld } from './device-world.js';
import { plainSerial } from './fact-text.js';
import type { Mismatch } from './judge-device.js';
import type { KnownDevice } from './known-devices.js';
import { NoticedSettings } from './noticed-settings.js';
import type { NoticedSetting } from './noticed-settings.js';

/** What a device says of itself, in words; null what it does not tell. */
export interface DeviceFacts {
  /** As the profile names it. */
  readonly model: string | null;
  /** As the device itself names it. */
  readonly productName: string | null;
  readonly serialNumber: string | null;
  readonly firmware: string | null;
}

/** The same as far as it was asked: what is left out is as it was. */
export type ReadFacts = Partial<DeviceFacts>;

/** Whose device is reported, and to whom. */
export interface DeviceReportOptions {
  /** Name of the analyser. */
  readonly id: string;
  readonly unit: number;
  readonly profile: Pick<Profile, 'id' | 'identity' | 'setup' | 'trust'>;
  readonly ratios: ConfiguredRatios;
  readonly world: DeviceWorld;
  /** Wall time, ms since 1970 UTC. */
  readonly nowMs: () => number;
}

const NOTHING: DeviceFacts = { model: null, productName: null, serialNumber: null, firmware: null };

/** Tells what is new of a device, once: who it is, that it is another one, that a setting changed, what is in doubt. */
export class DeviceReport {
  readonly #options: DeviceReportOptions;
  /** As this run read them. */
  #facts: DeviceFacts | undefined;
  #told = '';
  readonly #doubts = new Set<string>();
  #ratiosTold = '';
  #exchanges = 0;
  #settingChanges = 0;
  #differs = false;
  readonly #noticed: NoticedSettings;

  constructor(options: DeviceReportOptions) {
    this.#options = options;
    const known = options.world.known.of(options.id);
    this.#noticed = new NoticedSettings(options.nowMs, known?.profileId === options.profile.id ? known.changes : []);
  }

  /** undefined before the device told anything in this run. */
  get facts(): DeviceFacts | undefined {
    return this.#facts;
  }

  /** How often another device was found in its place. */
  get exchanges(): number {
    return this.#exchanges;
  }

  /** How often a setting changed that nothing is configured for. */
  get settingChanges(): number {
    return this.#settingChanges;
  }

  /** Whether a ratio of the device is not that which is configured. */
  get differs(): boolean {
    return this.#differs;
  }

  /** What is not as it was, or not as it is configured. */
  get settings(): readonly NoticedSetting[] {
    return this.#noticed.all;
  }

  /** Takes in who the device says it is. True when it is another one than before. */
  identified(read: ReadFacts): boolean {
    const { id, profile, world } = this.#options;
    if (!profile.identity) return false;
    const before = world.known.of(id);
    const isOther = before !== undefined && isAnother(before, read);
    if (isOther) this.#exchanged(before, read);
    const was = isOther ? undefined : this.#facts;
    this.#facts = { ...NOTHING, ...was, ...read };
    const { settings = {}, ...kept } = before && !isOther ? before : {};
    this.#keep({ ...NOTHING, ...kept, ...read, settings: before?.profileId === profile.id ? settings : {} });
    return isOther;
  }

  /** Tells who the device is, unless that was told in this epoch. */
  tell(): void {
    const { id, unit, profile, world } = this.#options;
    if (!this.#facts) return;
    const { serialNumber, firmware } = this.#facts;
    const model = modelText(this.#facts);
    const text = JSON.stringify([world.epoch(), model, serialNumber, firmware]);
    if (text === this.#told || (model ?? serialNumber ?? firmware) === null) return;
    this.#told = text;
    world.onEvent('meter-identified', [id, unit, profile.id, model, serialNumber, firmware]);
    world.log.info(
      { analyser: id, unit, profile: profile.id, device: named(this.#facts), firmware: firmware ?? '' },
      'analyser identified',
    );
  }

  /** Takes in what the registers of settings say; one that did not answer is left out. */
  settingsRead(settings: Readonly<Record<string, string>>): void {
    const { id, profile, ratios, world } = this.#options;
    const known = world.known.of(id);
    const before = known?.profileId === profile.id ? known.settings : {};
    const now = { ...before, ...settings };
    for (const { setting, before: was, now: is } of changedSettings(before, settings)) {
      world.onEvent('setting-changed', [id, setting, was, is]);
      world.log.warn('setting-changed', { analyser: id, setting, before: was, now: is });
      this.#noticed.changed({ setting, before: was, now: is });
      if (!isConfigured(setting, ratios, now, profile)) this.#settingChanges++;
    }
    this.#compare(now);
    this.#keep({ ...NOTHING, ...known, settings: now });
  }

  /** Tells what is in doubt; each once in a run. */
  doubted({ expected, says }: Mismatch): void {
    const { id, unit, profile, world } = this.#options;
    if (this.#doubts.has(says)) return;
    this.#doubts.add(says);
    world.onEvent('meter-mismatch', [id, unit, profile.id, says, []]);
    world.log.warn('meter-doubtful', { analyser: id, unit, expected, says });
  }

  /** Tells that the device is refused; the log is told by whoever reads it. @param looksLike ids of profiles */
  refused({ says }: Mismatch, looksLike: readonly string[]): void {
    const { id, unit, profile, world } = this.#options;
    this.#facts = undefined;
    this.#told = '';
    world.onEvent('meter-mismatch', [id, unit, profile.id, says, looksLike]);
  }

  #exchanged(before: KnownDevice, read: ReadFacts): void {
    const { id, world } = this.#options;
    const serials = [before.serialNumber, read.serialNumber ?? null] as const;
    this.#exchanges++;
    this.#noticed.forget();
    world.onEvent('meter-exchanged', [id, ...serials]);
    world.log.warn('meter-exchanged', { analyser: id, before: named(before), now: named({ ...NOTHING, ...read }) });
  }

  #compare(settings: Readonly<Record<string, string>>): void {
    const { id, profile, ratios, world } = this.#options;
    const differing = differingRatios(ratios, settings, profile);
    this.#differs = differing.length > 0;
    this.#noticed.differ(differing);
    const text = JSON.stringify(differing);
    if (text === this.#ratiosTold) return;
    this.#ratiosTold = text;
    for (const { setting, before, now } of differing) {
      world.onEvent('setting-changed', [id, setting, before, now]);
      world.log.warn('setting-differs', { analyser: id, setting, configured: before, now });
    }
  }

  #keep(device: Omit<KnownDevice, 'profileId' | 'changes'>): void {
    const { id, profile, world } = this.#options;
    const { model, productName, serialNumber, firmware, settings } = device;
    world.known.keep(id, {
      profileId: profile.id,
      model,
      productName,
      serialNumber,
      firmware,
      settings,
      changes: this.#noticed.changes,
    });
  }
}

/** The model of a device in words: as the profile names it, and as the device does. */
export function modelText({ model, productName }: Pick<DeviceFacts, 'model' | 'productName'>): string | null {
  const parts = [model, productName].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(' ');
}

/** Whether another device is there: what both tell is not the same. */
function isAnother(before: KnownDevice, read: ReadFacts): boolean {
  const [was, is] = [plainSerial(before.serialNumber), plainSerial(read.serialNumber ?? null)];
  if (was !== null && is !== null && was !== is) return true;
  return differ(before.model, read.model) || differ(before.productName, read.productName);
}

function differ(before: string | null, now: string | null | undefined): boolean {
  return before !== null && typeof now === 'string' && before !== now;
}

function named(device: DeviceFacts): string {
  return [modelText(device), device.serialNumber].filter((text) => text !== null).join(' ');
}
