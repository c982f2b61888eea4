/** The steps of a run, in their order. */
export const STEPS = ['format', 'lint', 'types', 'boundaries', 'tests'] as const;

/** Name of a step. */
export type StepName = (typeof STEPS)[number];

/** What `scripts/test` was asked. */
export interface TestArguments {
  readonly long: boolean;
  readonly steps: readonly StepName[];
  readonly patterns: readonly string[];
}

function isStep(name: string | undefined): name is StepName {
  return STEPS.some((step) => step === name);
}

/** Reads the command line; a string says what is wrong with it. */
export function parseArguments(words: readonly string[]): TestArguments | string {
  const steps: StepName[] = [];
  const patterns: string[] = [];
  let long = false;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (word === '--long') long = true;
    else if (word === '--only') {
      const step = words[++index];
      if (!isStep(step)) return `--only takes one of ${STEPS.join(', ')}, not ${step ?? 'nothing'}`;
      steps.push(step);
    } else if (word.startsWith('-')) return `there is no option ${word}`;
    else patterns.push(word);
  }
  return { long, patterns, steps: steps.length === 0 ? STEPS : STEPS.filter((step) => steps.includes(step)) };
}
