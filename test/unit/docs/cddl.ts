/** A type of CDDL (RFC 8610), as far as docs/protocol.md uses it. */
export type CddlType =
  | { readonly kind: 'int'; readonly least: bigint; readonly most: bigint }
  | { readonly kind: 'bytes'; readonly size: number | undefined }
  | { readonly kind: 'text'; readonly pattern: RegExp }
  | { readonly kind: 'null' }
  | { readonly kind: 'any' }
  | { readonly kind: 'choice'; readonly of: readonly CddlType[] }
  | { readonly kind: 'tuple'; readonly items: readonly CddlType[] }
  | ({ readonly kind: 'list'; readonly item: CddlType } & Times)
  | ({ readonly kind: 'table'; readonly key: CddlType; readonly value: CddlType } & Times)
  | { readonly kind: 'message'; readonly fields: ReadonlyMap<number, CddlType> };

/** How often something stands there. */
export interface Times {
  readonly least: number;
  readonly most: number;
}

interface Member {
  readonly times: Times | undefined;
  readonly key: CddlType | undefined;
  readonly type: CddlType;
}

const TOKEN = /\s+|;.*|"[^"]*"|-?\d+|\.\.|=>|\.[a-z]+|\w+|[[\]{}(),:/*=]/gy;
const BITS_64 = 2n ** 64n;
const PLAIN: Readonly<Record<string, CddlType>> = {
  any: { kind: 'any' },
  null: { kind: 'null' },
  bytes: { kind: 'bytes', size: undefined },
  uint: { kind: 'int', least: 0n, most: BITS_64 - 1n },
  int: { kind: 'int', least: -BITS_64, most: BITS_64 - 1n },
  tstr: { kind: 'text', pattern: /^/ },
};

/** The rules of a document by their names. */
export class Cddl {
  readonly #sources = new Map<string, string>();
  #tokens: string[] = [];

  constructor(text: string) {
    for (const [, name = '', body = ''] of text.matchAll(/^(\w+)\s*= ((?:.*\n(?!\w|\n))*.*\n?)/gm)) this.#sources.set(name, body);
  }

  /** The type of a rule. RangeError for what this reader does not know. */
  type(name: string): CddlType {
    const before = this.#tokens;
    try {
      this.#tokens = tokensOf(this.#sourceOf(name));
      const type = this.#choice();
      if (this.#tokens.length > 0) throw new RangeError(`rule ${name}: ${this.#tokens.join(' ')} is left over`);
      return type;
    } finally {
      this.#tokens = before;
    }
  }

  #sourceOf(name: string): string {
    const source = this.#sources.get(name);
    if (source === undefined) throw new RangeError(`no rule ${name}`);
    return source;
  }

  #choice(): CddlType {
    const of = [this.#ranged()];
    while (this.#takeIf('/')) of.push(this.#ranged());
    return of.length === 1 ? (of[0] as CddlType) : { kind: 'choice', of };
  }

  #ranged(): CddlType {
    const type = this.#primary();
    if (this.#takeIf('..')) return { ...(type as Range), most: (this.#primary() as Range).least };
    if (this.#takeIf('.size')) return { kind: 'bytes', size: Number(this.#take()) };
    if (this.#takeIf('.regexp')) return { kind: 'text', pattern: new RegExp(`^(?:${this.#take().slice(1, -1)})$`, 'u') };
    return type;
  }

  #primary(): CddlType {
    const token = this.#take();
    if (token === '[') return arrayOf(this.#members(']'));
    if (token === '{') return mapOf(this.#members('}'));
    if (/^-?\d+$/.test(token)) return { kind: 'int', least: BigInt(token), most: BigInt(token) };
    return PLAIN[token] ?? this.type(token);
  }

  /** The members of a group; a name of a group stands for its members. */
  #members(end: string): Member[] {
    const members: Member[] = [];
    while (!this.#takeIf(end)) {
      const group = this.#groupNamed(this.#tokens[0] ?? '');
      if (group) members.push(...group);
      else members.push(this.#member());
      this.#takeIf(',');
    }
    return members;
  }

  #groupNamed(name: string): Member[] | undefined {
    const source = this.#sources.get(name);
    if (source?.startsWith('(') !== true || this.#tokens[1] === ':') return undefined;
    const rest = this.#tokens.slice(1);
    this.#tokens = tokensOf(source).slice(1);
    const members = this.#members(')');
    this.#tokens = rest;
    return members;
  }

  #member(): Member {
    const times = this.#times();
    if (this.#tokens[1] === ':') this.#tokens.splice(0, 2);
    const type = this.#choice();
    return this.#takeIf('=>') ? { times, key: type, type: this.#choice() } : { times, key: undefined, type };
  }

  #times(): Times | undefined {
    const least = this.#tokens[1] === '*' ? Number(this.#take()) : 0;
    if (!this.#takeIf('*')) return undefined;
    return { least, most: /^\d+$/.test(this.#tokens[0] ?? '') ? Number(this.#take()) : Number.POSITIVE_INFINITY };
  }

  #takeIf(token: string): boolean {
    if (this.#tokens[0] !== token) return false;
    this.#tokens.shift();
    return true;
  }

  #take(): string {
    const token = this.#tokens.shift();
    if (token === undefined) throw new RangeError('a rule ends early');
    return token;
  }
}

type Range = Extract<CddlType, { kind: 'int' }>;

/** How long a text may be stands behind it, since CDDL can only count its bytes. */
const TEXT_LENGTH = /tstr\s*; (?:(\d+) to|at most) (\d+) characters/g;

function tokensOf(source: string): string[] {
  const bounded = source.replace(TEXT_LENGTH, (_, least: string | undefined, most: string) => {
    return `tstr .regexp "[^]{${least ?? 0},${most}}"`;
  });
  const tokens = bounded.match(TOKEN) ?? [];
  if (tokens.join('') !== bounded) throw new RangeError(`cannot be read: ${source}`);
  return tokens.filter((token) => !/^(\s|;)/.test(token));
}

function arrayOf(members: readonly Member[]): CddlType {
  const [only] = members;
  if (members.length === 1 && only?.times) return { kind: 'list', item: only.type, ...only.times };
  if (members.some(({ times, key }) => times ?? key)) throw new RangeError('an array of items and lists');
  return { kind: 'tuple', items: members.map(({ type }) => type) };
}

function mapOf(members: readonly Member[]): CddlType {
  const [only] = members;
  if (members.length === 1 && only?.times && only.key) return { kind: 'table', key: only.key, value: only.type, ...only.times };
  const fields = members.map(({ times, key, type }): [number, CddlType] => {
    if (times ?? key?.kind !== 'int') throw new RangeError('a map of fields and tables');
    return [Number(key.least), type];
  });
  return { kind: 'message', fields: new Map(fields) };
}
