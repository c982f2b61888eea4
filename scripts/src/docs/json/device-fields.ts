import * as z from 'zod';
import { text } from './kinds.js';

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
};
