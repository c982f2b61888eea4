import { z } from 'zod';
import { count, number, problem, text, word } from './kinds.js';

const planTotal = {
  requestCount: count.describe('requests'),
  registerCount: count.describe('registers in these'),
  bytes: count.describe('of questions and answers'),
  passMs: number.describe('time for all'),
};

const span = {
  firstRegister: count.describe('its address, 0-based'),
  registerCount: count.describe('registers'),
};

/** `meter plan`, of one scan group or profile. */
export const meterPlan = z.strictObject({
  analyserId: text.nullable().describe('id of the analyser; null with `--profile`'),
  lineId: text.nullable().describe('the line that it is on; null with `--profile`'),
  profileId: text.describe('register map that it is read by'),
  sampleSeconds: count.nullable().describe('from one pass to the next; null with `--profile`'),
  cost: z
    .strictObject({
      byteMs: number.describe('of a byte; 0 where bytes cost nothing'),
      answerMs: number.describe('from a question to its answer'),
      gapMs: number.describe('of silence before a question'),
      answerFrom: word('learned', 'profile', 'usual').describe(
        'from where `answerMs` is: `learned` by the running agent, else from the profile, else what is usual',
      ),
    })
    .describe('what a request costs on the line'),
  ...planTotal,
  oneByOne: z.strictObject(planTotal).describe('the same rows with a request each'),
  adjacentOnly: z.strictObject(planTotal).describe('the same rows, only neighbours together'),
  absent: z.array(text).describe('quantities that the device refused'),
  refusals: z
    .array(
      z.strictObject({
        functionCode: count.describe('Modbus function'),
        ...span,
        exception: count.describe('Modbus exception with which the device refused them'),
        quantities: z.array(text).describe('what is asked for no more; empty where the registers are read in another way'),
        notReadAlong: z.array(z.strictObject(span)).describe('registers in it that are read along no more'),
        readApartAt: z.array(count).describe('addresses in it at which it is read in two requests'),
      }),
    )
    .describe('what the device refused of it, as the running agent was taught: the plan is split for it'),
  learnedProblem: problem.nullable().describe('why what the running agent learned cannot be read; null when nothing is wrong'),
  plan: z
    .array(
      z.strictObject({
        functionCode: count.describe('Modbus function'),
        firstRegister: count.describe('its address, 0-based'),
        registerCount: count.describe('registers'),
        quantities: z.array(text).describe('what it gives values to'),
        holeCount: count.describe('registers that are read along and belong to none of the rows'),
        bytes: count.describe('of question and answer'),
        requestMs: number.describe('time that it takes'),
        ends: word(
          'limit',
          'exclusive',
          'barrier',
          'unreadable',
          'hole-too-long',
          'refused',
          'dearer',
          'function',
          'end',
        ).describe('why it ends where it does'),
      }),
    )
    .describe('the requests, in their order'),
});
