/** Tells on standard error that a file is read from a copy: on standard output stands what was asked. */
export function tellCopy(path: string): void {
  process.stderr.write(`note: ${path} is on a disk that takes no writes; a copy of it is read\n`);
}
