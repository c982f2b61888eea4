import {
  type Clock,
  COMMAND,
  COMMAND_ANSWER,
  type CommandAnswer,
  codeOf,
  encodeFrame,
  ERRORS,
  type ErrorCode,
  KINDS,
  openSigned,
  readFrame,
  refuse,
  type Result,
  sameBytes,
  sha256,
  type Signer,
  signMessage,
  type Verify,
} from '@farola/shared';
import type { CommandsBook, OrderedCommand } from '../fleet/commands-book.js';
import type { Log } from '../log/log.js';
import type { Orders, Tell } from '../poll/orders.js';
import type { Session } from '../poll/session.js';

/** What bringing commands to LCUs needs. */
export interface CommandRoundDeps {
  readonly collectorId: string;
  readonly commandSigner: () => Signer;
  readonly book: CommandsBook;
  readonly verify: Verify;
  readonly clock: Clock;
  readonly log: Log;
}

/** Number beyond which an LCU that says it has accepted it is not believed. */
const MOST_ACCEPTED = 2 ** 48;

/** Brings what waits for an LCU when it is connected: signed anew for each connection, carried out once. */
export class CommandRound implements Orders {
  readonly #deps: CommandRoundDeps;
  #ordered: ReadonlySet<number>;

  /** Errors: those of the book. */
  constructor(deps: CommandRoundDeps) {
    this.#deps = deps;
    this.#ordered = this.#read();
  }

  /** Looks anew for whom something waits: call it when the fleet has changed, as an order changes it. Errors: those of the book. */
  review(): void {
    this.#ordered = this.#read();
  }

  waitsFor({ lcu, standing }: Session): boolean {
    return standing.counts && this.#ordered.has(lcu.lcuNo);
  }

  async deliver(session: Session, tell: Tell): Promise<void> {
    const { book, clock, log } = this.#deps;
    const { lcuNo, lcuId } = session.lcu;
    try {
      for (const command of book.waiting(lcuNo, clock.now().wallMs)) {
        const answer = await this.#bring(command, session, tell);
        if (answer.ok) this.#ended(command, session, answer.value);
        else log.warn({ ...answer.facts, lcu: lcuId, sequence: command.sequence, code: answer.code }, 'command not answered');
      }
    } catch (error) {
      log.error({ lcu: lcuId, code: codeOf(error), err: error }, 'commands could not be brought');
    }
  }

  #read(): ReadonlySet<number> {
    return new Set(this.#deps.book.lcusWaiting());
  }

  async #bring(command: OrderedCommand, session: Session, tell: Tell): Promise<Result<CommandAnswer>> {
    const { collectorId, commandSigner, clock, verify } = this.#deps;
    const { wallMs } = clock.now();
    const { sequence, argument, by, reason, validUntilMs } = command;
    const { version, lcuNonce } = session.hello;
    const { lcuId } = session.lcu;
    const order = { sequence, command: command.command, argument, by, reason, validForMs: Math.max(1, validUntilMs - wallMs) };
    const message = { version, lcuId, collectorId, lcuNonce, ...order, issuedAt: wallMs };
    const signed = signMessage(COMMAND, message, commandSigner());
    const reply = await tell(encodeFrame(KINDS.command.number, signed));
    if (!reply.ok) return reply;
    const frame = readFrame(reply.frame);
    if (!frame.ok) return frame;
    if (frame.value.kind !== KINDS.commandAnswer.number || frame.value.attachment) {
      return refuse('frame-kind-unexpected', { kind: frame.value.kind });
    }
    const opened = openSigned(COMMAND_ANSWER, frame.value.signed, [session.publicKey], verify);
    if (!opened.ok) return opened;
    if (opened.value.lcuId !== lcuId) return refuse('lcu-mismatch', { named: opened.value.lcuId, lcu: lcuId });
    if (!sameBytes(opened.value.commandHash, sha256(signed))) {
      return refuse('message-invalid', { kind: 'commandAnswer', reason: 'it answers another command' });
    }
    return opened;
  }

  /** What may succeed later waits on. A number that the LCU has seen, of a book that was restored, is replaced by a higher one. */
  #ended(command: OrderedCommand, { lcu }: Session, { outcome, detail, accepted }: CommandAnswer): void {
    const { book, clock, log } = this.#deps;
    const { lcuNo, sequence } = command;
    if (outcome === 'config-on-trial') return;
    if (outcome === 'command-older' && accepted < MOST_ACCEPTED) return book.renumber(lcuNo, sequence, accepted);
    const known = outcome === 'ok' || Object.hasOwn(ERRORS, outcome) ? (outcome as 'ok' | ErrorCode) : 'collector-refused';
    book.end(lcuNo, sequence, known, detail, clock.now().wallMs);
    log.info({ lcu: lcu.lcuId, sequence, outcome: known, detail }, 'command answered');
  }
}
