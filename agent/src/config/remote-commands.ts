import { type codeOf, type Command, FarolaError, problemsOfConfig, trialDetail } from '@farola/shared';
import type { NoteEvent } from '../code/watched-hash.js';
import type { Log } from '../log/log.js';
import type { AnalyserHealth } from './analyser-health.js';
import type { PushedConfig } from './pushed-config.js';

/** What configuring from afar works with. */
export interface RemoteCommandsDeps {
  readonly pushed: PushedConfig;
  /** Whether this LCU takes configurations at all. */
  readonly accept: boolean;
  /** How long one is tried, seconds. */
  readonly trialSeconds: number;
  readonly health: Pick<AnalyserHealth, 'answered'>;
  /** Judges this text by itself, and the file with it as a run would. @throws FarolaError `config-invalid` */
  readonly check: (text: string) => Promise<void>;
  /** Records an event. */
  readonly note: NoteEvent;
  /** Wall time, ms. */
  readonly nowMs: () => number;
  /** Begins anew with what is on trial, when the answer is sent. */
  readonly restart: () => void;
  readonly log: Log;
}

/** What became of a command, as it is answered. */
interface Outcome {
  readonly outcome: 'ok' | ReturnType<typeof codeOf>;
  readonly detail: string;
}

/** The code of a refusal, and the fields that were wrong and why, in one line. */
function refusalText(problems: string): string {
  const lines = problems.split('\n').map((line) => line.trim());
  return `config-invalid: ${lines.filter((line) => line !== '').join('; ')}`;
}

/** Takes configurations of the collector: checked whole before anything changes, then on trial. */
export class RemoteCommands {
  readonly #deps: RemoteCommandsDeps;

  constructor(deps: RemoteCommandsDeps) {
    this.#deps = deps;
  }

  get accepted(): number {
    return this.#deps.pushed.state.accepted;
  }

  isCarriedOut({ sequence, argument }: Command): boolean {
    const { trial, kept } = this.#deps.pushed.state;
    const text = new TextDecoder().decode(argument);
    return [trial, kept].some((pushed) => pushed?.sequence === sequence && pushed.text === text);
  }

  /** Puts a configuration on trial, or says all that is wrong with it. @throws FarolaError `disk-failure` */
  async configure({ sequence, argument, by, reason }: Command): Promise<Outcome> {
    const { pushed, health, restart, nowMs, note, log } = this.#deps;
    if (pushed.state.trial) {
      const { code, message } = new FarolaError('config-on-trial', { sequence: pushed.state.trial.sequence });
      return { outcome: code, detail: message };
    }
    const text = new TextDecoder().decode(argument);
    const problems = await this.#problemsOf(text);
    if (problems !== undefined) {
      await pushed.refuse({ sequence, text }, refusalText(problems));
      await pushed.tell(note);
      log.info({ sequence, by, problems }, 'configuration of the collector refused');
      return { outcome: 'config-invalid', detail: problems };
    }
    await pushed.tryOut({ sequence, text, by, reason, atMs: nowMs() }, health.answered);
    restart();
    return { outcome: 'ok', detail: trialDetail(this.#deps.trialSeconds) };
  }

  async #problemsOf(text: string): Promise<string | undefined> {
    if (!this.#deps.accept) return 'remote.accept is false in the file on this LCU';
    try {
      await this.#deps.check(text);
      return undefined;
    } catch (error) {
      if (!(error instanceof FarolaError) || error.code !== 'config-invalid') throw error;
      return problemsOfConfig(error).join('\n');
    }
  }
}
