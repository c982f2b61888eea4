import { Lexer, LineCounter, isNode, parseDocument, Parser } from 'yaml';
import type { Document } from 'yaml';
import type { z } from 'zod';
import { shownValue } from '../cli/shown-value.js';
import { hasOwnWords, type Issue, literalsOf, plainProblem } from './plain-problem.js';

/** What a YAML text says, or everything that is wrong with it: one line per problem, with its path and line number. */
export type YamlOutcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: readonly string[]; readonly raw: unknown };

/** Reads YAML 1.2 by a schema; all problems at once. `raw` is what the text says when it is YAML at all. */
export function readYaml<T>(text: string, schema: z.ZodType<T>): YamlOutcome<T> {
  if (isTooDeep(text)) return { ok: false, problems: [`the document: is nested more than ${DEEPEST} deep`], raw: undefined };
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  if (document.errors.length > 0) {
    return { ok: false, problems: notYaml(document, lines), raw: undefined };
  }
  let raw: unknown;
  try {
    raw = document.toJS();
  } catch (error) {
    // yaml refuses to unfold a document whose aliases multiply ("billion laughs").
    return {
      ok: false,
      problems: [`the document: ${escaped(error instanceof Error ? error.message : String(error))}`],
      raw: undefined,
    };
  }
  const outcome = schema.safeParse(raw);
  if (outcome.success) return { ok: true, value: outcome.data };
  const problems = outcome.error.issues.flatMap((issue) => describe(issue, document, lines, []));
  return { ok: false, problems, raw };
}

/** Deepest nesting that is read: no document of ours has ten. */
const DEEPEST = 64;

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

function notYaml({ errors }: Document, lines: LineCounter): string[] {
  const problems = errors.map(({ pos, message }) => `line ${lines.linePos(pos[0]).line}: ${escaped(message)}`);
  return problems.slice(0, YAML_PROBLEMS);
}

/** A message of the parser may hold a piece of the text. */
function escaped(message: string): string {
  return message.split(' ').slice(0, 30).map(shownValue).join(' ');
}

function describe(issue: Issue, document: Document, lines: LineCounter, prefix: PropertyKey[]): string[] {
  const path = [...prefix, ...issue.path];
  if (issue.code === 'invalid_union' && issue.errors.length > 0 && !hasOwnWords(issue) && !literalsOf(issue.errors)) {
    return closest(issue.errors).flatMap((inner) => describe(inner, document, lines, path));
  }
  if (issue.code === 'unrecognized_keys') {
    return issue.keys
      .slice(0, UNKNOWN_KEYS)
      .map((key) => at([...path, key], document, lines, 'is not a field that is known here'));
  }
  return [at(path, document, lines, plainProblem(issue, document.getIn(path)))];
}

/** Of the alternatives of a union the one that was meant: that with the fewest problems. */
function closest(alternatives: readonly (readonly Issue[])[]): readonly Issue[] {
  return alternatives.reduce((best, next) => (next.length < best.length ? next : best));
}

function at(path: PropertyKey[], document: Document, lines: LineCounter, message: string): string {
  const line = lineOf(path, document, lines);
  return oneLine(`${pathText(path)}${line === undefined ? '' : ` (line ${line})`}: ${message}`);
}

/** What a value brings of line ends and other control characters, as JSON writes them. */
function oneLine(problem: string): string {
  return problem.replaceAll(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1));
}

/** Line of the deepest part of the path that is in the document. */
function lineOf(path: PropertyKey[], document: Document, lines: LineCounter): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return undefined;
}

/** A path as people write it: `lines[0].baud`. */
function pathText(path: readonly PropertyKey[]): string {
  const text = path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${shownValue(String(key))}`))
    .join('')
    .replace(/^\./, '');
  return text === '' ? 'the document' : text;
}
