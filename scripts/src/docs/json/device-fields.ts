import * as z from 'zod';
import { flag, text, time } from './kinds.js';

/** Settings of a device that are not as they were, or not as they are configured. */
export const changedSettings = z
  .array(
    z.strictObject({
      setting: text.describe('name of the setting, as in `setup` of a profile, or `ctRatio` or `vtRatio`'),
      before: text.describe('what it was, or what is configured'),
      now: text.describe('what it is'),
      configured: flag.describe('whether `before` is what is configured'),
      noticedAt: time.describe('when that was noticed'),
    }),
  )
  .describe('settings that were noticed not to be as they were, or as they are configured');

/** What `status` of the agent says of the device at the place of an analyser. */
export const deviceFields = {
  device: z
    .strictObject({
      model: text.nullable().describe('model as its profile names it, and the name that it gives itself'),
      serialNumber: text.nullable().describe('as it says'),
      firmware: text.nullable().describe('version of its firmware'),
    })
    .nullable()
    .describe('what the device says it is; null while it has told nothing, or is refused'),
  mismatch: text.nullable().describe('why the device is refused, in words; null while it is not'),
  changedSettings,
};
