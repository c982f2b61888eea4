import test, { type Implementation } from 'ava';

/** Declares one test. */
export type DeclareTest = (title: string, body: Implementation<[]>) => void;

/**
 * Declares tests that need something of the machine. Where it is missing they are skipped: they count as such, and each is named
 * with what it lacks at the end of a run.
 * @param missing what is missing, as in `needs root`; undefined when everything is there
 */
export function testUnless(missing: string | undefined): DeclareTest {
  if (missing === undefined) return (title, body) => test(title, body);
  return (title, body) => test.skip(`${title} (${missing})`, body);
}
