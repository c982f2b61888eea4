import { shownValue } from '../cli/shown-value.js';

/** A path as people write it: `lines[0].baud`. */
export function pathText(path: readonly PropertyKey[]): string {
  const text = path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${shownValue(String(key))}`))
    .join('')
    .replace(/^\./, '');
  return text === '' ? 'the document' : text;
}
