import { FarolaError } from '@farola/shared';
import type { Clock } from '@farola/shared';
import type { AnalyserConfig } from '../../config/config-schema.js';
import type { RegisterClient } from '../line/register-client.js';
import type { Profile } from '../profile/profile.js';
import { DeviceQuestions, factsIn } from './device-questions.js';
import type { FactAnswers } from './device-questions.js';
import { DeviceReport } from './device-report.js';
import type { DeviceFacts } from './device-report.js';
import type { DeviceWorld } from './device-world.js';
import { judgeDevice } from './judge-device.js';
import type { NoticedSetting } from './noticed-settings.js';
import type { Mismatch, Said } from './judge-device.js';
import { explainMismatch } from './explain-mismatch.js';
import { recognise } from './recognise.js';

/** Settings and all that a device says of itself are read again after so long. */
const LOOK_MS = 3_600_000;
/** A line that is opened anew so often while a device is looked at tells nothing. */
const OPENINGS_MOST = 3;

/** Which device is checked, and against what. */
export interface DeviceCheckOptions {
  readonly analyser: AnalyserConfig;
  readonly profile: Profile;
  readonly client: RegisterClient;
  readonly clock: Clock;
  /** Where the line leads, for messages. */
  readonly path: string;
  /** How often the line was opened: only rises. */
  readonly openings: () => number;
  /** All profiles that a device may be recognised by; asked for when one is refused. */
  readonly recognisable: () => Promise<Iterable<Profile>>;
  /** The configured analysers: one of the others may have been wired in its place. */
  readonly analysers: readonly AnalyserConfig[];
  readonly world: DeviceWorld;
}

/** How a device is, for status. */
export interface DeviceState {
  /** As it says; null before it has told, and while it is refused. */
  readonly facts: DeviceFacts | null;
  /** Why it is refused, in words; null while it is not. */
  readonly mismatch: string | null;
  /** Settings that are not as they were, or not as they are configured. */
  readonly settings: readonly NoticedSetting[];
}

interface Refusal {
  readonly mismatch: Mismatch;
  readonly failure: FarolaError;
}

/**
 * Makes sure that the device at the place of an analyser is the one that the configuration means. What can refuse a device is asked
 * before a value of it is used (`ensure`): at the first contact, after each opening of its line, after each silence, and every
 * hour. All else, its settings with it, is asked as often, when values were read and before they are given away (`look`): it can only
 * mark them, and a device that leaves such a question unanswered is read all the same. One that is refused is asked with one request
 * each time, and
 * checked in whole once it says something else. All readers of an analyser share it; one caller at a time.
 */
export class DeviceCheck {
  readonly #options: DeviceCheckOptions;
  readonly #report: DeviceReport;
  readonly #questions: DeviceQuestions;
  #refusal: Refusal | undefined;
  #silent = true;
  /** Whether what can refuse it is to be asked, whatever the line did. */
  #mustEnsure = true;
  #mustLook = true;
  #nextLookMs = -Infinity;
  /** The opening of the line on which each of both was done. */
  #ensuredOn: number | undefined;
  #lookedOn: number | undefined;
  /** What it answered since `ensure` began. */
  #answers: FactAnswers = {};

  constructor(options: DeviceCheckOptions) {
    const { analyser, profile, client, clock, world } = options;
    this.#options = options;
    this.#questions = new DeviceQuestions(analyser, profile, client);
    const nowMs = (): number => clock.now().wallMs;
    this.#report = new DeviceReport({ id: analyser.id, unit: analyser.unit, profile, ratios: analyser, world, nowMs });
  }

  get state(): DeviceState {
    const { facts = null, settings } = this.#report;
    return { facts, mismatch: this.#refusal?.failure.message ?? null, settings };
  }

  /** What was found out, for whoever marks values. */
  get report(): Pick<DeviceReport, 'exchanges' | 'settingChanges' | 'differs'> {
    return this.#report;
  }

  /** Number of the opening of its line, which another device may have been put in its place behind. */
  get opening(): number {
    return this.#options.openings();
  }

  /** The error for a line that is opened anew again and again while its device is made sure of. */
  get notSettled(): FarolaError {
    const { analyser, path } = this.#options;
    return new FarolaError('line-unavailable', { line: analyser.line, path, reason: 'it is opened anew again and again' });
  }

  /** It did not answer: another one may come back. */
  wasSilent(): void {
    this.#silent = true;
    this.#mustEnsure = true;
    this.#mustLook = true;
  }

  /**
   * Makes sure, before values are read. Returns why none may be used; undefined when they may.
   * @throws the reason of the signal
   */
  async ensure(signal?: AbortSignal): Promise<FarolaError | undefined> {
    if (this.#refusal) {
      const same = await this.#stillRefused(this.#refusal, signal);
      if (same) return same;
    }
    if (this.#options.clock.now().monoMs >= this.#nextLookMs) this.#mustEnsure = this.#mustLook = true;
    for (let left = OPENINGS_MOST; left > 0; left--) {
      if (!this.#mustEnsure && this.#isOfThisOpening) return undefined;
      const failure = await this.#askNeeded(signal);
      if (failure) return failure;
    }
    return this.#isOfThisOpening ? undefined : this.notSettled;
  }

  /**
   * Looks, when values were read, at what else the device says of itself, and tells what is new. What fails is asked another time.
   * @throws the reason of the signal
   */
  async look(signal?: AbortSignal): Promise<void> {
    this.#silent = false;
    const { profile, openings, clock } = this.#options;
    const opening = openings();
    if (!this.#mustLook && this.#lookedOn === opening) return;
    const settings = await this.#questions.askRest(this.#answers, signal);
    if (!settings) return;
    this.#report.identified(factsIn(this.#answers, profile));
    this.#report.tell();
    for (const mismatch of this.#judge(this.#answers)) this.#report.doubted(mismatch);
    if (profile.setup.length > 0) this.#report.settingsRead(settings);
    this.#nextLookMs = clock.now().monoMs + LOOK_MS;
    this.#mustLook = false;
    this.#answers = {};
    this.#lookedOn = opening;
  }

  /** Whether the line has not been opened anew since the device was accepted. */
  get #isOfThisOpening(): boolean {
    return this.#ensuredOn === this.opening || this.#questions.needed.length === 0;
  }

  /** One request, to see whether the wiring was put right. */
  async #stillRefused({ mismatch, failure }: Refusal, signal?: AbortSignal): Promise<FarolaError | undefined> {
    const fact = this.#options.profile.identity?.[mismatch.fact];
    if (!fact) return undefined;
    const answer = await this.#questions.ask(fact, signal);
    if (answer.kind === 'failed') return answer.failure;
    this.#silent = false;
    const [again] = this.#judge({ [mismatch.fact]: answer });
    if (again?.says === mismatch.says) return failure;
    this.#mustEnsure = this.#mustLook = true;
    return undefined;
  }

  async #askNeeded(signal?: AbortSignal): Promise<FarolaError | undefined> {
    this.#answers = {};
    let opening: number | undefined;
    for (const { name, fact } of this.#questions.needed) {
      const answer = await (this.#silent ? this.#questions.ask(fact, signal) : this.#questions.askTwice(fact, signal));
      opening ??= this.opening;
      if (answer.kind === 'failed') return answer.failure;
      this.#silent = false;
      this.#answers[name] = answer;
      const certain = this.#judge(this.#answers).find((mismatch) => mismatch.certain);
      if (certain) return this.#refuse(certain, signal);
    }
    this.#refusal = undefined;
    this.#mustEnsure = false;
    this.#ensuredOn = opening ?? this.opening;
    return undefined;
  }

  #judge(said: Said): Mismatch[] {
    const { profile, analyser } = this.#options;
    return judgeDevice({ profile, serialNumber: analyser.serialNumber }, said);
  }

  async #refuse(mismatch: Mismatch, signal?: AbortSignal): Promise<FarolaError> {
    const { fact, says } = mismatch;
    if (this.#refusal?.mismatch.fact === fact && this.#refusal.mismatch.says === says) return this.#refusal.failure;
    const { analyser, analysers, profile, recognisable } = this.#options;
    const seen = fact === 'model' ? await recognise(this.#questions.asked, await recognisable(), signal) : undefined;
    const failure = explainMismatch(mismatch, { analyser, analysers, seen });
    this.#refusal = { mismatch, failure };
    this.#ensuredOn = undefined;
    this.#report.refused(mismatch, seen ? seen.looksLike.map(({ profileId }) => profileId) : [profile.id]);
    return failure;
  }
}
