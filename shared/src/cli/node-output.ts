import { ERRORS, FarolaError } from '../errors.js';
import { errnoOf, whyFailed } from '../fs-failure.js';

/** As of a program that SIGPIPE ends, which node ignores: 128 and the number of the signal, as a shell tells it. */
const EXIT_BROKEN_PIPE = 141;

/**
 * Ends this process where its output cannot be written. Whoever reads it may have seen enough, such as `head`: nothing is said then, and the
 * exit code is no other one, since what it would say of was not told whole. Where standard error fails, the exit code alone tells.
 * @param tell says what went wrong, and ends the process
 */
export function endWithOutput(tell: (failure: FarolaError) => never): void {
  process.stdout.on('error', (error) => {
    if (errnoOf(error) === 'EPIPE') process.exit(EXIT_BROKEN_PIPE);
    tell(new FarolaError('output-failed', { reason: whyFailed(error, 'standard output') }));
  });
  process.stderr.on('error', (error) => {
    process.exit(errnoOf(error) === 'EPIPE' ? EXIT_BROKEN_PIPE : ERRORS['output-failed'].exit);
  });
}
