import { isMap, isNode, isScalar, Lexer, LineCounter, parseDocument, Parser } from 'yaml';
import type { Document } from 'yaml';
import type { z } from 'zod';
import { shownValue } from '../cli/shown-value.js';
import { pathText } from './path-text.js';
import { hasOwnWords, type Issue, literalsOf, plainProblem } from './plain-problem.js';

/** What a YAML text says, or everything that is wrong with it: one line per problem, with its path and line number. */
export type YamlOutcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: readonly string[]; readonly raw: unknown };

/** Where something stands in a text, both from 1 on. */
export interface YamlPlace {
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong with a YAML text. */
export interface YamlProblem extends Partial<YamlPlace> {
  /** `syntax`: it is no YAML; `unknown-field`: a field that the schema does not have; `value`: anything else. */
  readonly kind: 'syntax' | 'unknown-field' | 'value';
  /** Of the field; empty where it is the whole text. */
  readonly path: readonly PropertyKey[];
  readonly message: string;
  /** Code of the YAML parser, such as `DUPLICATE_KEY`. */
  readonly code?: string;
  /** What stands there. */
  readonly found?: unknown;
}

/** A YAML text held against a schema, with the place of each field. */
export interface ExaminedYaml<T> {
  /** undefined when there is a problem. */
  readonly value: T | undefined;
  readonly problems: readonly YamlProblem[];
  /** What the text says when it is YAML at all. */
  readonly raw: unknown;
  /** Where a field stands, or the deepest part of its path that is in the text. */
  readonly place: (path: readonly PropertyKey[]) => YamlPlace | undefined;
}

/** What a YAML 1.2 text of ours says; undefined when it is none. */
export function yamlValue(text: string): unknown {
  if (isTooDeep(text)) return undefined;
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'error' });
  return document.errors.length > 0 ? undefined : document.toJS();
}

/** Reads YAML 1.2 by a schema; all problems at once. `raw` is what the text says when it is YAML at all. */
export function readYaml<T>(text: string, schema: z.ZodType<T>): YamlOutcome<T> {
  const { value, problems, raw } = examineYaml(text, schema);
  if (problems.length === 0) return { ok: true, value: value as T };
  return { ok: false, problems: problems.map(problemText), raw };
}

/** Reads YAML 1.2 by a schema, and tells of each problem where it is. */
export function examineYaml<T>(text: string, schema: z.ZodType<T>): ExaminedYaml<T> {
  if (isTooDeep(text)) return { value: undefined, problems: [TOO_DEEP], raw: undefined, place: () => undefined };
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const place = (path: readonly PropertyKey[]): YamlPlace | undefined => placeOf(path, document, lines);
  if (document.errors.length > 0) return { value: undefined, problems: notYaml(document, lines), raw: undefined, place };
  let raw: unknown;
  try {
    raw = document.toJS();
  } catch (error) {
    // yaml refuses to unfold a document whose aliases multiply ("billion laughs").
    const message = escaped(error instanceof Error ? error.message : String(error));
    return { value: undefined, problems: [{ kind: 'value', path: [], message }], raw: undefined, place };
  }
  const outcome = schema.safeParse(raw);
  if (outcome.success) return { value: outcome.data, problems: [], raw, place };
  const problems = outcome.error.issues.flatMap((issue) => describe(issue, document, lines, []));
  return { value: undefined, problems, raw, place };
}

/** A problem in one line: `lines[0].baud (line 3): is less than 300; it is `9``. */
export function problemText({ kind, path, line, message }: YamlProblem): string {
  if (kind === 'syntax') return `line ${line ?? 1}: ${message}`;
  return oneLine(`${pathText(path)}${line === undefined ? '' : ` (line ${line})`}: ${message}`);
}

/** Deepest nesting that is read: no document of ours has ten. */
const DEEPEST = 64;
const TOO_DEEP: YamlProblem = { kind: 'value', path: [], message: `is nested more than ${DEEPEST} deep` };

/**
 * Whether a text is nested deeper than anything of ours. What puts documents together calls itself for each level, and where the
 * stack ends in a regular expression, V8 ends the process; what is asked here does not.
 */
function isTooDeep(text: string): boolean {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    Array.from(parser.next(lexeme));
    if (parser.stack.length > DEEPEST) return true;
  }
  return false;
}

/** Fields that are not known, of which the first are told: each is looked up in the document. */
const UNKNOWN_KEYS = 100;

/** Of what is no YAML the first few problems: the others mostly follow from them. */
const YAML_PROBLEMS = 5;

function notYaml({ errors }: Document, lines: LineCounter): YamlProblem[] {
  const problems = errors.map(({ pos, message, code }): YamlProblem => {
    const { line, col } = lines.linePos(pos[0]);
    return { kind: 'syntax', path: [], line, column: col, message: escaped(message), code };
  });
  return problems.slice(0, YAML_PROBLEMS);
}

/** A message of the parser may hold a piece of the text. */
function escaped(message: string): string {
  return message.split(' ').slice(0, 30).map(shownValue).join(' ');
}

function describe(issue: Issue, document: Document, lines: LineCounter, prefix: PropertyKey[]): YamlProblem[] {
  const path = [...prefix, ...issue.path];
  if (issue.code === 'invalid_union' && issue.errors.length > 0 && !hasOwnWords(issue) && !literalsOf(issue.errors)) {
    return closest(issue.errors).flatMap((inner) => describe(inner, document, lines, path));
  }
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, UNKNOWN_KEYS).map((key) => ({
      kind: 'unknown-field',
      path: [...path, key],
      ...placeOf([...path, key], document, lines, true),
      message: 'is not a field that is known here',
    }));
  }
  const found = document.getIn(path);
  return [{ kind: 'value', path, ...placeOf(path, document, lines), message: plainProblem(issue, found), found }];
}

/**
 * Of the alternatives of a union the one that was meant: of the kind of what stands there, with the fewest fields that it does not have. Where these
 * are as many, the one that lacks least; and where nothing there speaks for any, the first, which is the usual one.
 */
function closest(alternatives: readonly (readonly Issue[])[]): readonly Issue[] {
  const ranked = alternatives.map((issues) => ({ issues, strange: strangeness(issues) }));
  const least = Math.min(...ranked.map(({ strange }) => strange));
  const alike = ranked.filter(({ strange }) => strange === least).map(({ issues }) => issues);
  if (least === 0) return alike[0] ?? [];
  return alike.reduce((best, next) => (next.length < best.length ? next : best));
}

/** Fields that an alternative does not have; more than any number of fields where it is of another kind. */
function strangeness(issues: readonly Issue[]): number {
  const own = issues.filter(({ path }) => path.length === 0);
  if (own.some(({ code }) => code === 'invalid_type')) return Infinity;
  return own.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 0), 0);
}

/** What a value brings of line ends and other control characters, as JSON writes them. */
function oneLine(problem: string): string {
  return problem.replaceAll(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1));
}

/** Place of the deepest part of the path that is in the document. @param atName of the field's name rather than its value */
function placeOf(path: readonly PropertyKey[], document: Document, lines: LineCounter, atName = false): YamlPlace | undefined {
  for (let length = path.length; length > 0; length--) {
    const upTo = path.slice(0, length);
    const named = nameNode(upTo, document);
    // A key that is a number in the text is text in a path: its value is not found by it, its name is.
    const node: unknown = (atName && named) || (document.getIn(upTo, true) ?? named);
    if (isNode(node) && node.range) {
      const { line, col } = lines.linePos(node.range[0]);
      return { line, column: col };
    }
  }
  return undefined;
}

function nameNode(path: readonly PropertyKey[], document: Document): unknown {
  const parent: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) return undefined;
  return parent.items.map(({ key }) => key).find((key) => isScalar(key) && String(key.value) === String(path.at(-1)));
}
