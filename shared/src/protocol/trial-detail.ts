/** What an LCU says beside `ok` of a configuration that it tries: for how many seconds. */
export function trialDetail(seconds: number): string {
  return `it is tried for ${seconds} s`;
}

/** Seconds that an LCU tries a configuration, of what `trialDetail` wrote; undefined of anything else, as an older agent says nothing. */
export function trialSecondsOf(detail: string | null): number | undefined {
  const seconds = /^it is tried for (\d{1,4}) s$/.exec(detail ?? '')?.[1];
  return seconds === undefined ? undefined : Number(seconds);
}
