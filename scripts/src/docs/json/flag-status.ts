import { z } from 'zod';
import { text } from './kinds.js';

/** What is not plausible in the newest samples of an analyser. */
export const flagStatus = z.array(
  z.strictObject({
    rule: text.describe('rule of plausibility, see [metering](metering.md)'),
    quantities: z.array(text).describe('values that do not agree with it'),
  }),
);
