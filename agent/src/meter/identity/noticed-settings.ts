import type { KeptChange } from './known-devices.js';
import type { SettingChange } from './device-settings.js';

/** A setting that is not what it was, or not what is configured. */
export interface NoticedSetting extends SettingChange {
  /** Whether `before` is what is configured. */
  readonly isConfigured: boolean;
  /** When it was noticed, ms since 1970 UTC. */
  readonly atMs: number;
}

/** What was noticed of the settings of a device, for whoever looks at it: of each setting the newest change, of earlier runs as well. */
export class NoticedSettings {
  readonly #nowMs: () => number;
  readonly #changed: Map<string, NoticedSetting>;
  #differing: readonly NoticedSetting[] = [];

  /**
   * @param nowMs wall time
   * @param kept changes that were noticed in earlier runs
   */
  constructor(nowMs: () => number, kept: readonly KeptChange[] = []) {
    this.#nowMs = nowMs;
    this.#changed = new Map(kept.map((one) => [one.setting, { ...one, isConfigured: false }]));
  }

  /** The changes, to be kept for later runs. */
  get changes(): readonly KeptChange[] {
    return [...this.#changed.values()].map(({ setting, before, now, atMs }) => ({ setting, before, now, atMs }));
  }

  /** Those that changed, in the order in which they were noticed first, and behind them those that are not as configured. */
  get all(): readonly NoticedSetting[] {
    return [...this.#changed.values(), ...this.#differing];
  }

  /** A setting is not what it was. */
  changed(change: SettingChange): void {
    this.#changed.set(change.setting, { ...change, isConfigured: false, atMs: this.#nowMs() });
  }

  /** All that are not as configured now. */
  differ(changes: readonly SettingChange[]): void {
    const before = this.#differing;
    this.#differing = changes.map((change) => {
      const known = before.find(({ setting, now }) => setting === change.setting && now === change.now);
      return known ?? { ...change, isConfigured: true, atMs: this.#nowMs() };
    });
  }

  /** Another device is there. */
  forget(): void {
    this.#changed.clear();
    this.#differing = [];
  }
}

/** The same in words. @param time how a time is written */
export function settingText({ setting, before, now, isConfigured, atMs }: NoticedSetting, time: (ms: number) => string): string {
  return isConfigured
    ? `${setting} of the device is ${now}, and ${before} is configured`
    : `${setting} of the device was ${before}, and is ${now} since ${time(atMs)}`;
}
