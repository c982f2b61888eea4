import type { Timers } from '@farola/shared';
import { cutAdus, encodeAdu } from '../../line/mbap.js';
import type { Reply } from './faults.js';
import { takeRequests } from './simulated-slave.js';
import type { Respond, SlavePort } from './slave-port.js';

/** What is answered on a port. */
export interface ServedSlave {
  readonly port: SlavePort;
  /** `tcp`: Modbus TCP, with the transaction of each question; `rtu`: frames with CRC. */
  readonly framing: 'rtu' | 'tcp';
  readonly reply: (request: Uint8Array) => Reply;
  readonly timers: Timers;
  /** Called with each question and what becomes of it. */
  readonly onQuestion?: (request: Uint8Array, reply: Reply) => void;
}

/** Answers what is asked on a port, each answer when it is due. */
export function serveSlave({ port, framing, reply, timers, onQuestion }: ServedSlave): void {
  const waiting = new WeakMap<Respond, Uint8Array>();

  function serve(request: Uint8Array, send: (frame: Uint8Array) => void): void {
    const replied = reply(request);
    onQuestion?.(request, replied);
    const { frame, afterMs } = replied;
    if (!frame) return;
    if (afterMs > 0) timers.after(afterMs, () => send(frame));
    else send(frame);
  }

  port.listen((bytes, respond) => {
    const all = Buffer.concat([waiting.get(respond) ?? new Uint8Array(), bytes]);
    if (framing === 'rtu') {
      const { requests, rest } = takeRequests(all);
      waiting.set(respond, rest);
      for (const request of requests) serve(request, respond);
      return;
    }
    const { adus, rest, broken } = cutAdus(all);
    waiting.set(respond, broken === undefined ? rest : new Uint8Array());
    for (const { transaction, rtuFrame } of adus)
      serve(rtuFrame, (frame) => respond(encodeAdu({ transaction, rtuFrame: frame })));
  });
}
