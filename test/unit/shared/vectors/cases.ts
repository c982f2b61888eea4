/** Shapes of the JSON files in test/vectors. Every byte string is hexadecimal. */

export interface File<Case> {
  /** What the file is about and how a case is to be judged. */
  readonly about: string;
  readonly cases: readonly Case[];
}

interface Named {
  readonly name: string;
}

/** `diagnostic` is in the notation of RFC 8949 section 8; null for bytes that must be refused. */
export interface CborCase extends Named {
  readonly hex: string;
  readonly diagnostic: string | null;
}

/** `code` is null where the step must succeed; `payload` is then what was signed. */
export interface EnvelopeCase extends Named {
  readonly signed: string;
  readonly kind: string;
  readonly contentType: string;
  readonly publicKey: string;
  readonly code: string | null;
  readonly payload: string | null;
}

export interface FrameCase extends Named {
  readonly frame: string;
  readonly code: string | null;
  readonly kind: number | null;
  readonly signed: string | null;
  readonly items: readonly string[] | null;
}

export interface MessageCase extends Named {
  readonly kind: string;
  readonly payload: string;
  readonly code: string | null;
  readonly diagnostic: string;
}

/** `kind` is the number of the entry kind, 0 for an entry that must be kept as unknown. */
export interface EntryCase extends Named {
  readonly hex: string;
  readonly kind: number;
  readonly diagnostic: string | null;
}

export interface ChainCase extends Named {
  readonly lcuId: string;
  readonly epoch: string;
  /** h(0). */
  readonly seed: string;
  readonly entries: readonly string[];
  /** h(1), h(2), ... */
  readonly heads: readonly string[];
}

export interface TokenCase extends Named {
  readonly token: string;
  readonly code: string | null;
  readonly fields: Readonly<Record<string, string | number>> | null;
}

export interface WordsCase extends Named {
  readonly keysPayload: string;
  readonly requestPayload: string;
  readonly words: string;
}

export interface KeyCase extends Named {
  readonly publicKey: string;
  readonly code: string | null;
}

/** `known` is a file of the same code that was taken before; `statement` the payload where the file is taken. */
export interface ReleaseCase extends Named {
  readonly file: string;
  readonly keys: readonly string[];
  readonly threshold: number;
  readonly known: string | null;
  readonly nowMs: number;
  readonly code: string | null;
  readonly statement: string | null;
}

/** One case of batches.json: the coded entries of one connection, in order. */
export interface BatchCase {
  readonly name: string;
  readonly epoch: string;
  readonly batches: readonly {
    /** Number of the first entry. */
    readonly from: number;
    readonly coded: string;
    /** Null when the batch is refused. */
    readonly entries: readonly string[] | null;
    readonly code: string | null;
  }[];
}

/** One case of answers.json: a poll, the message that came next, and what it is held against. */
export interface AnswerCase extends Named {
  readonly lcuId: string;
  readonly publicKey: string;
  readonly boot: string;
  readonly epoch: string;
  readonly lastMonoMs: number;
  readonly revoked: readonly string[];
  readonly pollKey: string;
  /** Null when no poll waits. */
  readonly poll: string | null;
  readonly tookMs: number;
  readonly frame: string;
  readonly code: string | null;
  /** Null when the answer is refused. */
  readonly taken: {
    readonly epoch: string;
    readonly from: number;
    readonly to: number;
    readonly head: string;
    readonly entries: readonly string[];
  } | null;
}
