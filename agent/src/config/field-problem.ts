/** What is wrong with a field of a configuration beside the shape of it. */
export interface FieldProblem {
  /** Of the field. */
  readonly path: readonly PropertyKey[];
  readonly message: string;
}
