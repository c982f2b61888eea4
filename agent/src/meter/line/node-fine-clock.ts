/** The monotonic clock of this process in ms, with fractions: the silence between two frames is shorter than two of them. */
export function fineMs(): number {
  // `performance` would load node's modules for measuring, to no other use.
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}

/** A number from 0 up to 1, for what shall not happen at the same time everywhere. */
export function draw(): number {
  return Math.random();
}
