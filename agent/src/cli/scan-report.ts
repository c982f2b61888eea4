import { counted } from '@farola/shared';
import type { LineConfig } from '../config.js';
import { configLines, settingText } from '../meter/tool/scan/config-lines.js';
import { stablePath } from '../meter/tool/scan/linux-stable-path.js';
import type { AnsweringUnit, FoundUnit, ScanProgress } from '../meter/tool/scan/scan-line.js';
import { ProgressLine } from './progress-line.js';

const NOBODY_ON_SERIAL =
  'nobody answered: check A and B, power and termination; try more of --units, --baud, --parity, or --tries 3';
const NOBODY_ON_NETWORK =
  'nobody answered, and the connection stands: try the other --transport, rtu-over-tcp or modbus-tcp (some gateways need --zero-transactions), and more of --units; then check the wiring behind a gateway, its baud rate and its timeout';

/** Says what a scan finds as it finds it, and at its end what to do with it. */
export class ScanReport {
  readonly #out: (line: string) => void;
  readonly #isJson: boolean;
  readonly #progress = new ProgressLine();
  readonly #found: FoundUnit[] = [];
  /** Units that answered, and were not asked yet what they are. */
  #unasked: AnsweringUnit[] = [];
  #at: ScanProgress | undefined;

  constructor(out: (line: string) => void, isJson: boolean) {
    this.#out = out;
    this.#isJson = isJson;
  }

  /** Whether nobody answered yet. */
  get isEmpty(): boolean {
    return this.#found.length + this.#unasked.length === 0;
  }

  /** How far it is. */
  isAt(at: ScanProgress): void {
    this.#at = at;
    this.#progress.show(progressText(at, this.#found.length + this.#unasked.length));
  }

  /** A unit answers. */
  answered(one: AnsweringUnit): void {
    this.#unasked.push(one);
  }

  /** It is known what a unit is. */
  found(one: FoundUnit): void {
    this.#unasked = this.#unasked.filter(({ unit }) => unit !== one.unit);
    this.#found.push(one);
    this.#tell(this.#isJson ? JSON.stringify(json(one)) : foundText(one));
  }

  /** Bytes came that are no answer. */
  noise(line: LineConfig): void {
    if (!this.#isJson)
      this.#tell(`${settingText(line)}: bytes came that are no answer: another setting, two units of one address, or noise`);
  }

  /** The end: tells of whom it was not told yet, that the scan was interrupted, and the lines of a configuration. */
  async close([line]: readonly LineConfig[], isInterrupted: boolean): Promise<void> {
    for (const one of this.#unasked) this.#tell(this.#isJson ? JSON.stringify(json(one)) : unaskedText(one));
    this.#progress.clear();
    const { done = 0, total = 0 } = this.#at ?? {};
    if (this.#isJson) {
      if (isInterrupted) this.#out(JSON.stringify({ interrupted: true, questionsAsked: done, questionsTotal: total }));
      return;
    }
    if (isInterrupted) this.#out(`interrupted after ${done} of ${counted(total, 'question')}`);
    const count = this.#found.length + this.#unasked.length;
    if (count > 0) {
      const path = line?.transport === 'rtu' ? await stablePath(line.path) : undefined;
      this.#out('');
      this.#out(`# ${counted(count, 'unit')}; to be put into the configuration, after a look at the plates:`);
      configLines(this.#found, this.#unasked, path).forEach((text) => this.#out(text));
    } else if (isInterrupted) this.#out('nobody answered until then');
    else this.#out(line?.transport === 'rtu' ? NOBODY_ON_SERIAL : NOBODY_ON_NETWORK);
  }

  #tell(line: string): void {
    this.#progress.clear();
    this.#out(line);
  }
}

function progressText({ line, unit, done, total, leftMs }: ScanProgress, answered: number): string {
  const left = leftMs === null ? '' : `, ${timeText(leftMs)} left`;
  const there = answered === 0 ? '' : `, ${answered} answered`;
  return `${settingText(line)}, unit ${unit}: ${done} of ${counted(total, 'question')}${there}${left}`;
}

function timeText(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  return seconds < 100 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}

function foundText({ line, unit, recognised, ruledOut, perhaps }: FoundUnit): string {
  const { looksLike, why } = recognised;
  const names = looksLike.map(({ vendor, model, profileId }) => `${vendor} ${model} (${profileId})`);
  const doubt = perhaps.length > 0 ? `not told; its values would be plausible by ${perhaps.join(', ')}` : 'nothing that is known';
  const not = ruledOut.length === 0 ? '' : `; by its values not ${ruledOut.join(', ')}`;
  return `unit ${unit} at ${settingText(line)}: ${names.length > 0 ? names.join(' or ') : (why ?? doubt)}${not}`;
}

function unaskedText({ line, unit }: AnsweringUnit): string {
  return `unit ${unit} at ${settingText(line)}: it answers, and was not asked yet what it is`;
}

function json(one: AnsweringUnit | FoundUnit): object {
  const { line, unit } = one;
  const asked = 'recognised' in one ? one : undefined;
  const isSerial = line.transport === 'rtu';
  return {
    transport: line.transport,
    address: isSerial ? line.path : `${line.host}:${line.port}`,
    baud: isSerial ? line.baud : null,
    parity: isSerial ? line.parity : null,
    stopBits: isSerial ? line.stopBits : null,
    modbusUnit: unit,
    identityAsked: asked !== undefined,
    looksLike: asked?.recognised.looksLike.map(({ profileId, vendor, model }) => ({ profileId, vendor, model })) ?? [],
    ruledOut: asked?.ruledOut ?? [],
    perhaps: asked?.perhaps ?? [],
    reason: asked?.recognised.why ?? null,
  };
}
