import { FarolaError, jsonTime, systemClock, systemTimers, textTable } from '@farola/shared';
import { lineAdapters } from '../meter/line/line-adapters.js';
import { exceptionError } from '../meter/line/meter-failures.js';
import { hex } from '../meter/profile/hex.js';
import type { Likely } from '../meter/tool/looks-like.js';
import { rawDecodings, textIn } from '../meter/tool/raw-decodings.js';
import type { DecodedType, Decoding } from '../meter/tool/raw-decodings.js';
import { readRegisters } from '../meter/tool/read-registers.js';
import type { RegisterAnswers, RegisterRange } from '../meter/tool/read-registers.js';
import { REGISTER_ORDERS } from '../meter/tool/register-order.js';
import { toolLine } from '../meter/tool/tool-line.js';
import { orInterrupted } from './interrupted.js';
import { chooseLine, wholeNumber } from './meter-line.js';
import type { LineFlags } from './meter-line.js';

/** What `farola-agent meter read --register` is asked. Numbers are texts, as they were typed. */
export interface MeterReadRawOptions extends LineFlags {
  /** First register, 0-based; decimal or with `0x`. */
  readonly register: string;
  readonly count?: string | undefined;
  /** 3 or 4. */
  readonly function?: string | undefined;
  readonly unit?: string | undefined;
  readonly json?: boolean | undefined;
}

/**
 * Reads registers of a unit and prints every plausible number in them.
 * @throws FarolaError `usage`, `line-in-use`, `meter-timeout`, `meter-unreachable`, `meter-malformed`; `meter-exception`, `meter-faulty`, `meter-busy` when all are
 * refused; those of configuration and line; the reason of the signal
 */
export async function readRaw(options: MeterReadRawOptions, out: (line: string) => void, signal: AbortSignal): Promise<void> {
  const range = registerRange(options);
  const { line } = await chooseLine(options);
  const tool = toolLine(line, { timers: systemTimers, ...(await lineAdapters()) });
  const takenAt = jsonTime(systemClock().now().wallMs);
  try {
    const answers = await orInterrupted(readRegisters(tool.client, range, signal), signal);
    if (options.json) out(JSON.stringify({ takenAt, lineId: line.id, ...json(range, answers) }));
    else page(range, answers).forEach(out);
    const [first] = answers.values();
    const isRefused = [...answers.values()].every((answer) => 'exception' in answer);
    if (isRefused && first && 'exception' in first) {
      throw exceptionError(range.analyser, range.unit, first.exception);
    }
  } finally {
    await tool.close();
  }
}

/**
 * The registers that flags name.
 * @throws FarolaError `usage`
 */
export function registerRange({ register, count = '2', function: functionText = '3', unit }: MeterReadRawOptions): RegisterRange {
  if (unit === undefined) throw new FarolaError('usage', { reason: '--register needs --unit' });
  const address = wholeNumber(register, '--register', 0, 0xffff);
  return {
    analyser: `unit ${unit}`,
    unit: wholeNumber(unit, '--unit', 1, 247),
    functionCode: wholeNumber(functionText, '--function', 3, 4) === 3 ? 3 : 4,
    address,
    count: wholeNumber(count, '--count', 1, Math.min(500, 0x1_0000 - address)),
  };
}

function json({ unit, functionCode, address, count }: RegisterRange, answers: RegisterAnswers): object {
  return {
    modbusUnit: unit,
    functionCode,
    firstRegister: address,
    registerCount: count,
    registers: [...answers].map(([register, answer]) => ({
      register,
      raw: 'word' in answer ? answer.word : null,
      exception: 'exception' in answer ? answer.exception : null,
    })),
    text: textIn(wordsOf(answers)) ?? null,
    decodings: rawDecodings(answers).flatMap(({ address: firstRegister, registers: registerCount, type, decodings }) =>
      decodings.map(({ order, value, looksLike }) => ({
        firstRegister,
        registerCount,
        type,
        order,
        value,
        looksLike: looksLike.map(({ what, scale }) => ({ kind: what, scale })),
      })),
    ),
  };
}

function wordsOf(answers: RegisterAnswers): number[] {
  return [...answers.values()].flatMap((answer) => ('word' in answer ? [answer.word] : []));
}

function page({ unit, functionCode }: RegisterRange, answers: RegisterAnswers): string[] {
  const refused = [...answers].flatMap(([register, answer]) =>
    'exception' in answer ? [`  ${hex(register)} is refused: exception ${answer.exception}`] : [],
  );
  const columns = [
    { title: 'registers' },
    { title: 'type' },
    ...REGISTER_ORDERS.map((title) => ({ title, align: 'right' as const })),
  ];
  const rows = rawDecodings(answers).map((one) => [
    one.registers === 1 ? hex(one.address) : `${hex(one.address)} +${one.registers - 1}`,
    one.type,
    ...REGISTER_ORDERS.map((order) => one.decodings.find((decoding) => decoding.order === order)?.value ?? ''),
    likelyText(one),
  ]);
  const text = textIn(wordsOf(answers));
  return [
    `unit ${unit}, function ${functionCode}; an order that gives no other number is left empty`,
    ...textTable([...columns, { title: 'looks like' }], rows),
    ...(text === undefined ? [] : [`as text: ${text}`]),
    ...refused,
  ];
}

function likelyText({ decodings }: DecodedType): string {
  return decodings
    .filter(({ looksLike }) => looksLike.length > 0)
    .map(decodingText)
    .join('; ');
}

function decodingText({ order, looksLike }: Decoding): string {
  return `${order}: ${looksLike.map(scaledText).join(' or ')}`;
}

function scaledText({ what, scale }: Likely): string {
  return scale === 1 ? what : `${what} * ${scale}`;
}
