import { EventEmitter } from 'node:events';
import { FarolaError } from '@farola/shared';
import type modbusSerial from 'modbus-serial';
import type { LineArbiter } from './line-arbiter.js';
import { exceptionError } from './meter-failures.js';
import type { RegisterClient, RegisterQuestion } from './register-client.js';

/**
 * The port object that modbus-serial talks to. It is handed whole answer frames that were matched to the question, and
 * nothing else, because modbus-serial 8.0.25 throws outside its promise on a frame of a wrong length, and takes a late
 * answer for the one to the next question.
 */
export class QuestionPort extends EventEmitter {
  readonly isOpen = true;
  readonly #exchange: (request: Uint8Array) => Promise<Uint8Array>;
  readonly #fail: (reason: unknown) => void;

  constructor(exchange: (request: Uint8Array) => Promise<Uint8Array>, fail: (reason: unknown) => void) {
    super();
    this.#exchange = exchange;
    this.#fail = fail;
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
      this.#fail(error);
    }
  }
}

/** All that is used of modbus-serial. Its writing methods are out of reach, and the line would refuse what they make. */
type Reader = Pick<InstanceType<typeof modbusSerial.default>, 'open' | 'setID' | 'readHoldingRegisters' | 'readInputRegisters'>;

/** A client of modbus-serial on a line. It holds one question at a time. */
class Asker {
  readonly #client: Reader;
  #question: RegisterQuestion | undefined;
  #signal: AbortSignal | undefined;
  #fail: (reason: unknown) => void = () => undefined;

  constructor(line: LineArbiter, readerOn: (port: QuestionPort) => Reader) {
    const exchange = (request: Uint8Array): Promise<Uint8Array> => {
      const { analyser = '', priority, onSent } = this.#question ?? {};
      return line.exchange({ analyser, priority, onSent, request }, this.#signal);
    };
    this.#client = readerOn(new QuestionPort(exchange, (reason) => this.#fail(reason)));
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
