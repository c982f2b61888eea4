import { SAMPLE_STATUS } from '@farola/shared';
import { z } from 'zod';
import { changedSettings } from './device-fields.js';
import { count, decimal, flag, number, text, time, word, wordOf } from './kinds.js';

const numberType = word('u16', 's16', 'bcd', 'u32', 's32', 'float32', 'u64', 's64', 'float64');

/** `meter simulate`. */
export const simulated = z.strictObject({
  profileId: text.describe('register map that it has'),
  modbusUnit: count.describe('its address on the line'),
  transport: word('rtu', 'rtu-over-tcp', 'modbus-tcp').describe('how it is reached'),
  address: text.describe('where: path of the port, or `host:port`'),
});

/** `meter read --register`. */
export const rawRegisters = z.strictObject({
  takenAt: time.describe('when the first request was sent, by the clock of this machine'),
  lineId: text.describe('the line; `line-1` where flags describe it'),
  modbusUnit: count.describe('address of the unit'),
  functionCode: count.describe('Modbus function'),
  firstRegister: count.describe('its address, 0-based'),
  registerCount: count.describe('how many were asked for'),
  registers: z
    .array(
      z.strictObject({
        register: count.describe('its address'),
        raw: count.nullable().describe('what it holds; null when it is refused'),
        exception: count.nullable().describe('Modbus exception with which it is refused; else null'),
      }),
    )
    .describe('every register'),
  text: text.nullable().describe('their characters, where most can be seen'),
  decodings: z
    .array(
      z.strictObject({
        firstRegister: count.describe('where the number begins'),
        registerCount: count.describe('registers that it takes'),
        type: numberType.describe('how it would lie in them'),
        order: word('ABCD', 'CDAB', 'BADC', 'DCBA').describe('order of its bytes: ABCD has the most significant first'),
        value: decimal.describe('the number'),
        looksLike: z
          .array(
            z.strictObject({
              kind: word('voltage', 'voltage between phases', 'frequency', 'power factor', 'counter').describe(
                'what has such a size',
              ),
              scale: number.describe('value in V, Hz or 1 = number * scale'),
            }),
          )
          .describe('what it may be'),
      }),
    )
    .describe('every plausible number'),
});

const looksLike = z.array(
  z.strictObject({
    profileId: text.describe('register map that it fits'),
    vendor: text.describe('maker of the models'),
    model: text.describe('model, as it says or as the profile names it'),
  }),
);

/** `meter scan`, of one unit. */
export const foundUnit = z.strictObject({
  transport: word('rtu', 'rtu-over-tcp', 'modbus-tcp').describe('of the line'),
  address: text.describe('path of the port, or `host:port`'),
  baud: count.nullable().describe('bits per second at which it answers; null on a network'),
  parity: word('none', 'even', 'odd').nullable().describe('the same of parity'),
  stopBits: count.nullable().describe('and of stop bits'),
  modbusUnit: count.describe('its address on the line'),
  identityAsked: flag.describe('whether it was asked what it is; not yet where the scan was interrupted before'),
  looksLike: looksLike.describe('what it says that it is; several where nothing tells them apart'),
  ruledOut: z
    .array(text)
    .describe('register maps that it fits by what it says, and by which its voltages and frequency are not plausible'),
  perhaps: z.array(text).describe('register maps without identity by which its voltages and frequency are plausible'),
  reason: text.nullable().describe('where a profile knows it as one that it does not fit: why'),
});

/** `meter scan`, at its end when a signal ended it. */
export const scanInterrupted = z.strictObject({
  interrupted: z.literal(true).describe('that not all was asked'),
  questionsAsked: count.describe('questions that were asked by then'),
  questionsTotal: count.describe('questions that there were to ask'),
});

const order = word('ABCD', 'CDAB', 'BADC', 'DCBA');
const shows = number.describe('what they say so, in the unit of the quantity');

const response = word('read', 'zero', 'refused', 'unreachable', 'no answer', 'not polled');

/** `meter doctor`. */
export const doctor = z.strictObject({
  takenAt: time.describe('when it was done, by the clock of this machine'),
  modbusUnit: count.describe('address of the unit'),
  profileId: text.nullable().describe('register map that was examined; null with `--register`'),
  functionCode: count.describe('by which it was read: 3 or 4; the other one than the register map says where only that fits'),
  moved: z
    .strictObject({
      registerOffset: number.describe('registers that all rows have to be moved by'),
      order: order.nullable().describe('order of the bytes; null: as the profile has it'),
      fittingCount: count.describe('quantities that fit then'),
    })
    .nullable()
    .describe('by which most quantities fit; null when none does'),
  findings: z
    .array(
      z.strictObject({
        quantity: text.describe('name of the quantity, see [protocol](protocol.md#quantities)'),
        displayed: number.describe('what the display shows, in its unit'),
        response: response.describe('what came of its registers'),
        shows: number.nullable().describe('by the register map as it is; null where nothing was read'),
        agrees: flag.describe('whether that is what the display shows'),
        fits: z
          .strictObject({
            shows,
            scalePower: number.describe('power of ten that its scale has to be multiplied by'),
            type: numberType.nullable().describe('how it has to be read; null: as the register map has it'),
          })
          .nullable()
          .describe('with the change; null where it does not fit'),
      }),
    )
    .describe('every quantity that was expected, with a register map'),
  looksLike: looksLike.describe('what it says that it is, where nothing fits'),
  searched: z
    .array(
      z.strictObject({
        functionCode: count.describe('3 or 4'),
        response: response.describe('what came of its registers; never `not polled`'),
        readCount: count.describe('registers that it gave'),
        refusedCount: count.describe('registers that were refused'),
        foundCount: count.describe('quantities that may lie there'),
      }),
    )
    .describe('with `--register`: each function that was asked, the one that finds more in front'),
  places: z
    .array(
      z.strictObject({
        quantity: text.describe('name of the quantity'),
        firstRegister: count.describe('where it may lie'),
        registerCount: count.describe('registers that it takes'),
        type: numberType.describe('how'),
        order: order.describe('in which order of bytes'),
        scale: number.describe('value in its unit = number * scale'),
        shows,
      }),
    )
    .describe('with `--register`: where each may lie, the likeliest first'),
  profileYaml: text.nullable().describe('a profile that reads it so; null when there is nothing to change, or nothing fits'),
});

const counts = {
  requests: count.describe('requests sent since the start'),
  ok: count.describe('of these answered well'),
  lateAnswers: count.describe('answers that came after their time'),
  crc: count.describe('of the malformed, those with a wrong checksum'),
  malformed: count.describe('answered by what is no answer to them'),
  timeouts: count.describe('not answered in time'),
  exceptions: count.describe('answered by a Modbus exception'),
};

/** `meter stats`. */
export const stats = z.strictObject({
  startedAt: time.describe('when the agent started'),
  writtenAt: time.describe('when it said this'),
  lines: z
    .array(
      z.strictObject({
        lineId: text.describe('id of the line'),
        ...counts,
        strayBytes: count.describe('bytes that belonged to no answer'),
        opened: count.describe('times that the line was opened'),
        failedOpens: count.describe('times that it could not be'),
        usedPercent: number.describe('share of the time that it was used, from each question to its end'),
      }),
    )
    .describe('every line'),
  analysers: z
    .array(
      z.strictObject({
        analyserId: text.describe('id of the analyser'),
        lineId: text.describe('the line that it is on'),
        modbusUnit: count.describe('its address on the line'),
        ...counts,
        breaker: word('closed', 'open').describe('`open`: it was silent, and is left alone but for a question now and then'),
        latencyP50Ms: number.nullable().describe('what half of its answers did not pass; null while there was none'),
        latencyP95Ms: number.nullable().describe('the same of 95 %'),
        latencyP99Ms: number.nullable().describe('and of 99 %'),
        changedSettings,
      }),
    )
    .describe('every analyser'),
});

/** `meter record`. */
export const recorded = z.strictObject({
  path: text.describe('the file, as it was named'),
  readingCount: count.describe('readings in it'),
  completeCount: count.describe('of these complete'),
});

/** `meter replay`. */
export const replayed = z.strictObject({
  path: text.describe('the recording, as it was named'),
  readings: z
    .array(
      z.strictObject({
        analyserId: text.describe('id of the analyser'),
        status: wordOf(SAMPLE_STATUS).describe('how it goes now'),
        differs: z.array(text).describe('what is not as it was recorded: `status`, or names of quantities'),
      }),
    )
    .describe('every recorded reading'),
  unknownQuestions: z.array(text).describe('questions that were not recorded: bytes, `01 04 00 00 ...`'),
});

/** `meter watch`, of one reading. */
export const watched = z.strictObject({
  analyserId: text.describe('id of the analyser'),
  lineId: text.describe('the line that it is on'),
  modbusUnit: count.describe('its address on the line'),
  profileId: text.describe('register map that it was read by'),
  profileOrigin: word('shipped', 'own').describe('whose that is'),
  takenAt: time.describe('when the first request was sent, by the clock of this machine'),
  spanMs: number.describe('from the first request to the last answer'),
  status: wordOf(SAMPLE_STATUS).describe('how it went'),
  values: z
    .array(
      z.strictObject({
        quantity: text.describe('name of the quantity, see [protocol](protocol.md#quantities)'),
        value: decimal.nullable().describe('in its unit; null when it is missing'),
        unit: text.describe('unit; `1` for none'),
        flags: z.array(text).describe('rules of plausibility that it does not agree with, see [metering](metering.md)'),
      }),
    )
    .describe('what it said'),
});
