import { EventEmitter } from 'node:events';
import { FarolaError } from '@farola/shared';
import type modbusSerial from 'modbus-serial';
import type { LineArbiter } from './line-arbiter.js';
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
    this.#exchange(new Uint8Array(request))
      .then((frame) => this.emit('data', Buffer.from(frame)))
      .catch(this.#fail);
  }
}

/** All that is used of modbus-serial. Its writing methods are out of reach, and the line would refuse what they make. */
type Reader = Pick<InstanceType<typeof modbusSerial.default>, 'open' | 'setID' | 'readHoldingRegisters' | 'readInputRegisters'>;

/**
 * Loads modbus-serial and says how to make a client for a line. Its own timeout stays off: the arbiter's timers rule.
 * Each question has a client of its own, as one client holds one question only.
 */
export async function loadModbusSerial(): Promise<(line: LineArbiter) => RegisterClient> {
  const ModbusRTU = (await import('modbus-serial')).default.default;
  return (line) => ({
    owedCounts: (unit, functionCode) => line.owedCounts(unit, functionCode),
    read: (question, signal) =>
      new Promise((resolve, reject) => {
        const { analyser, priority, onSent } = question;
        const asked = { analyser, priority, onSent };
        const exchange = (request: Uint8Array): Promise<Uint8Array> => line.exchange({ ...asked, request }, signal);
        const client: Reader = new ModbusRTU(new QuestionPort(exchange, reject));
        client.open();
        client.setID(question.unit);
        const { address, count } = question;
        const reads =
          question.functionCode === 3 ? client.readHoldingRegisters(address, count) : client.readInputRegisters(address, count);
        reads.then(
          (answer) => resolve(new Uint8Array(answer.buffer)),
          (error: unknown) => reject(inOurTerms(error, question)),
        );
      }),
  });
}

function inOurTerms(error: unknown, { analyser, unit }: RegisterQuestion): Error {
  if (!(error instanceof Error)) return new Error('modbus-serial failed', { cause: error });
  if (error instanceof FarolaError) return error;
  if ('modbusCode' in error) {
    return new FarolaError('meter-exception', { analyser, unit, exception: Number(error.modbusCode) }, { cause: error });
  }
  return new FarolaError('meter-malformed', { analyser, unit, reason: error.message }, { cause: error });
}
