import { EventEmitter } from 'node:events';
import { FarolaError } from '@farola/shared';
import type modbusSerial from 'modbus-serial';
import type { LineArbiter } from './line-arbiter.js';
import { exceptionError } from './meter-failures.js';
import type { RegisterClient, RegisterQuestion } from './register-client.js';

/**
 * The port object that modbus-serial talks to. It is handed whole answer frames that were matched to the question, and
 * nothing else, because modbus-serial 8.0.25 takes a late answer for the one to the next question, and throws at its port on a frame of
 * less than two bytes that answers a question of no known length (functions 17, 20, 43 and its custom ones). No frame was found that makes it throw at
 * reads, functions 3 and 4; should one, that is the failure of the question and not the end of the process.
 */
export class QuestionPort extends EventEmitter {
  readonly isOpen = true;
  readonly #exchange: (request: Uint8Array) => Promise<Uint8Array>;
  readonly #fail: (reason: unknown) => void;
  readonly #thrown: (error: unknown) => void;

  /**
   * @param fail told why there is no answer
   * @param thrown told what modbus-serial threw at an answer
   */
  constructor(
    exchange: (request: Uint8Array) => Promise<Uint8Array>,
    fail: (reason: unknown) => void,
    thrown: (error: unknown) => void,
  ) {
    super();
    this.#exchange = exchange;
    this.#fail = fail;
    this.#thrown = thrown;
  }

  open(done: () => void): void {
    done();
  }

  close(done?: () => void): void {
    done?.();
  }

  write(request: Uint8Array): void {
    this.#exchange(new Uint8Array(request)).then((frame) => this.#hand(frame), this.#fail);
  }

  #hand({ buffer, byteOffset, length }: Uint8Array): void {
    try {
      this.emit('data', Buffer.from(buffer, byteOffset, length));
    } catch (error) {
      this.#thrown(error);
    }
  }
}

/** All that is used of modbus-serial. Its writing methods are out of reach, and the line would refuse what they make. */
export type Reader = Pick<
  InstanceType<typeof modbusSerial.default>,
  'open' | 'setID' | 'readHoldingRegisters' | 'readInputRegisters'
>;

/** A client of modbus-serial on a line. It holds one question at a time. */
export class Asker {
  readonly #client: Reader;
  #question: RegisterQuestion | undefined;
  #signal: AbortSignal | undefined;
  #fail: (reason: unknown) => void = () => undefined;

  constructor(line: LineArbiter, readerOn: (port: QuestionPort) => Reader) {
    const exchange = (request: Uint8Array): Promise<Uint8Array> => {
      const { analyser = '', priority, onSent } = this.#question ?? {};
      return line.exchange({ analyser, priority, onSent, request }, this.#signal);
    };
    const fail = (reason: unknown): void => this.#fail(reason);
    const thrown = (error: unknown): void => this.#fail(this.#question ? inOurTerms(error, this.#question) : error);
    this.#client = readerOn(new QuestionPort(exchange, fail, thrown));
    this.#client.open();
  }

  /** @param onFree called when another question may be asked; not at all after one that the line did not answer */
  ask(question: RegisterQuestion, signal: AbortSignal | undefined, onFree: () => void): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#question = question;
      this.#signal = signal;
      this.#fail = reject;
      this.#client.setID(question.unit);
      this.#read(question).then(
        ({ buffer }) => {
          onFree();
          resolve(new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length));
        },
        (error: unknown) => {
          onFree();
          reject(inOurTerms(error, question));
        },
      );
    });
  }

  #read({ functionCode, address, count }: RegisterQuestion): Promise<{ readonly buffer: Buffer }> {
    const client = this.#client;
    return functionCode === 3 ? client.readHoldingRegisters(address, count) : client.readInputRegisters(address, count);
  }
}

/**
 * Loads modbus-serial and says how to make a client for a line. Its own timeout stays off: the arbiter's timers rule.
 * Questions that wait together have a client each. One whose question was answered is used again; one whose question was not
 * still holds it, and is let go.
 */
export async function loadModbusSerial(): Promise<(line: LineArbiter) => RegisterClient> {
  const ModbusRTU = (await import('modbus-serial')).default.default;
  return (line) => {
    const free: Asker[] = [];
    return {
      owedCounts: (unit, functionCode) => line.owedCounts(unit, functionCode),
      read: (question, signal) => {
        const asker = free.pop() ?? new Asker(line, (port) => new ModbusRTU(port));
        return asker.ask(question, signal, () => free.push(asker));
      },
    };
  };
}

function inOurTerms(error: unknown, { analyser, unit }: RegisterQuestion): Error {
  if (!(error instanceof Error)) return new Error('modbus-serial failed', { cause: error });
  if (error instanceof FarolaError) return error;
  if ('modbusCode' in error) {
    return exceptionError(analyser, unit, Number(error.modbusCode), { cause: error });
  }
  return new FarolaError('meter-malformed', { analyser, unit, reason: error.message }, { cause: error });
}
