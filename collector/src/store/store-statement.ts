/** A prepared SELECT: parameters in order, rows as plain objects (or single values). */
export interface Question<Parameters extends unknown[], Row> {
  get(...parameters: Parameters): Row | undefined;
  all(...parameters: Parameters): Row[];
}

/** A prepared INSERT or UPDATE. */
export interface Command<Parameters extends unknown[]> {
  run(...parameters: Parameters): { readonly changes: number; readonly lastInsertRowid: number | bigint };
}
