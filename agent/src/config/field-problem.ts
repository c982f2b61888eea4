/** What is wrong with a field beside the others, which its own schema cannot tell. */
export interface FieldProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}
