/**
 * Lets a program go on whose standard output or error can no longer be written: what is said there is lost, and nothing else. Whoever
 * listened for such errors, to end a command, no longer does.
 */
export function outliveOutput(streams: readonly NodeJS.WriteStream[] = [process.stdout, process.stderr]): void {
  for (const stream of streams) stream.removeAllListeners('error').on('error', () => undefined);
}
