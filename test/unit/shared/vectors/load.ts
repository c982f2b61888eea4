import { readFileSync } from 'node:fs';
import type { File } from './cases.js';

/** The text of a file of test/vectors. */
export function readVectors(name: string): string {
  return readFileSync(new URL(`../../../../vectors/${name}`, import.meta.url), 'utf8');
}

/** The cases of a file of test/vectors. */
export function loadCases<Case>(name: string): readonly Case[] {
  return (JSON.parse(readVectors(name)) as File<Case>).cases;
}
