import { closestName } from './closest-name.js';
import type { ProfileProblem } from './examine-profile.js';
import { formsAt, valuesAt } from './profile-fields.js';

/** What a mistake of YAML itself means, by the code of the parser. */
const OF_YAML: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'this field stands twice in the same group of fields: YAML takes neither',
  TAB_AS_INDENT: 'a tab begins this line: YAML is indented by spaces only',
  BAD_INDENT: 'this line is not indented as its neighbours are',
};

/** What other programs call the types of numbers. */
const OF_OTHERS: Readonly<Record<string, string>> = {
  uint16: 'u16',
  int16: 's16',
  i16: 's16',
  uint32: 'u32',
  int32: 's32',
  i32: 's32',
  uint64: 'u64',
  int64: 's64',
  i64: 's64',
  float: 'float32',
  single: 'float32',
  double: 'float64',
  ascii: 'string',
};

/** A problem in words for whoever writes a profile: what is wrong, and what was probably meant. */
export function explainProblem({ message, schema }: ProfileProblem): string {
  if (!schema) return message;
  const { kind, code, path, found } = schema;
  if (kind === 'syntax') return code && OF_YAML[code] ? `${OF_YAML[code]} (${message})` : message;
  if (kind === 'unknown-field') return unknownField(message, path);
  if (typeof found === 'number' && path.includes('invalid')) return `${message}; put it in quotes: '0x...'`;
  if (typeof found !== 'string') return message;
  if (/^[+-]?(0x[0-9a-f]+|\d+(\.\d+)?)$/i.test(found) && message.includes('number'))
    return `${message}; write it without quotes: ${found}`;
  return message + meant(found, valuesAt(path));
}

/** A field that another form of the same group has is known, and stands in the wrong company. */
function unknownField(message: string, path: readonly PropertyKey[]): string {
  const name = String(path.at(-1));
  const forms = formsAt(path.slice(0, -1));
  const withIt = forms.filter((fields) => fields.includes(name)).flat();
  if (withIt.length === 0) return message + meant(name, [...new Set(forms.flat())]);
  const others = [...new Set(forms.flat())].filter((field) => !withIt.includes(field)).map((field) => `\`${field}\``);
  const last = others.pop() ?? '';
  return `cannot stand beside ${others.length === 0 ? last : `${others.join(', ')} and ${last}`}: a row has either`;
}

function meant(name: string, known: readonly string[]): string {
  const other = OF_OTHERS[name.toLowerCase()];
  const close = other !== undefined && known.includes(other) ? other : closestName(name, known);
  return close === undefined ? '' : `; did you mean \`${close}\`?`;
}
