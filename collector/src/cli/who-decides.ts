import { userInfo } from 'node:os';
import { FarolaError } from '@farola/shared';
import { DECISION_TEXT_LENGTH } from '../api/control.js';

/** Who is logged in; behind sudo the person, not root. */
export function whoIsThere(): string {
  return process.env['SUDO_USER'] ?? userInfo().username;
}

/** The text of an option that is kept with a decision. Error: `usage` when it is empty or too long. */
export function decisionText(option: string, text: string): string {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.length > DECISION_TEXT_LENGTH) {
    throw new FarolaError('usage', { reason: `${option} must have 1 to ${DECISION_TEXT_LENGTH} characters` });
  }
  return trimmed;
}
