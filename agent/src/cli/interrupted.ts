/** Signals that end a command before it is done. */
export type EndingSignal = 'SIGINT' | 'SIGTERM';

/** Exit codes of a shell for a program that a signal ended: 128 and the signal's number. */
const EXITS: Readonly<Record<EndingSignal, number>> = { SIGINT: 130, SIGTERM: 143 };

/** Why a command's signal was aborted. Nothing is printed of it. */
export class Interrupted extends Error {
  readonly exit: number;

  constructor(signal: EndingSignal) {
    super(`ended by ${signal}`);
    this.name = 'Interrupted';
    this.exit = EXITS[signal];
  }
}

/** The outcome of work, or the reason of the signal as soon as it is aborted, whatever the work then does. */
export async function orInterrupted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
