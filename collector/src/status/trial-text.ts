import { isoTime } from '@farola/shared';
import type { OpenTrial } from '../fleet/config-trial.js';

/** How long a configuration is on trial yet, as a person is told: `on trial until about 2026-11-23T04:05:00Z, then kept or rolled back`. */
export function trialText({ untilMs }: Pick<OpenTrial, 'untilMs'>, nowMs: number): string {
  if (untilMs === null) return 'on trial for minutes, then kept or rolled back';
  const until = `about ${isoTime(untilMs)}`;
  if (nowMs <= untilMs) return `on trial until ${until}, then kept or rolled back`;
  return `on trial; its time was over at ${until}, and how it ended the LCU has yet to tell`;
}
