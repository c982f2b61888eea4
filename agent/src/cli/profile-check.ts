import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { counted, FarolaError, isPathFault, pathText, whyFailed } from '@farola/shared';
import { fileFailure } from '../trust/fs-durable-file.js';
import { examineProfile } from '../meter/profile/examine-profile.js';
import type { ProfileProblem } from '../meter/profile/examine-profile.js';
import { explainProblem } from '../meter/profile/explain-problem.js';
import { parseProfile } from '../meter/profile/parse-profile.js';
import { readProfiles, SHIPPED_PROFILES } from '../meter/profile/profile-file.js';
import type { Profile } from '../meter/profile/profile.js';
import { explainPlan } from '../meter/plan/explain-plan.js';
import { say } from './say.js';

/** What `farola-agent profile check` is asked. */
export interface ProfileCheckOptions {
  /** One JSON object instead of lines. */
  readonly json?: boolean | undefined;
}

/** A problem as it is told. */
interface Told {
  readonly line: number | null;
  readonly column: number | null;
  readonly field: string;
  readonly message: string;
}

/**
 * Checks a profile, tells errors and warnings with line and column, and of a good one what it gives. Warnings do not make
 * it fail.
 * @throws FarolaError `profile-unreadable`; `profile-invalid` when there are errors
 */
export async function checkProfile(path: string, options: ProfileCheckOptions, out: (line: string) => void): Promise<void> {
  const bytes = await readProfileFile(path);
  const { profile, problems } = examineProfile(new TextDecoder().decode(bytes), path);
  const [errors, warnings] = (['error', 'warning'] as const).map((kind) =>
    problems.filter(({ severity }) => severity === kind).map(told),
  );
  const replaces = profile && (await replacesShipped(profile.id, path)) ? profile.id : null;
  const gives = profile && errors?.length === 0 ? whatItGives(profile) : null;
  const facts = { path, good: gives !== null, errors, warnings, replacesShipped: replaces, gives };
  const lines = [...(warnings ?? []).map((one) => `${place(path, one)}: warning: ${one.field}: ${one.message}`)];
  if (gives) {
    lines.push(
      `${path}: good: ${gives.profileId} reads ${counted(gives.quantityCount, 'quantity', 'quantities')} of ${gives.vendor} ${gives.models.join(', ')}`,
    );
    lines.push(
      `  ${counted(gives.rowCount, 'row')} in ${counted(gives.requestCount, 'request')} of ${counted(gives.registerCount, 'register')}, ${gives.passMs} ms at 9600 baud`,
    );
    if (replaces) lines.push(`  in profilesDir it takes the place of the shipped ${replaces}, and each sample says so`);
  }
  say({ out, json: options.json }, facts, ...lines);
  if (!gives)
    throw new FarolaError('profile-invalid', {
      path,
      remedy: 'docs/profiles.md lists every field',
      problems: `${counted(errors?.length ?? 0, 'error')}${(errors ?? []).map((one) => `\n  ${place(path, one)}: ${one.field}: ${one.message}`).join('')}`,
    });
}

/**
 * Reads a file as a profile, whose name need not be that of the profile.
 * @throws FarolaError `profile-unreadable`, `profile-invalid`
 */
export async function loadProfile(path: string): Promise<Profile> {
  return parseProfile(await readProfileFile(path), path, 'own').profile;
}

async function readProfileFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    if (!isPathFault(error)) throw fileFailure(path, error);
    throw new FarolaError('profile-unreadable', { path, reason: whyFailed(error, path) }, { cause: error });
  }
}

async function replacesShipped(id: string, path: string): Promise<boolean> {
  if (dirname(resolve(path)) === SHIPPED_PROFILES.path) return false;
  return (await readProfiles([SHIPPED_PROFILES], new Set())).ids.has(id);
}

function told(problem: ProfileProblem): Told {
  const field = problem.schema?.kind === 'syntax' ? 'YAML' : pathText(problem.path);
  return { line: problem.line ?? null, column: problem.column ?? null, field, message: explainProblem(problem) };
}

function place(path: string, { line, column }: Told): string {
  return line === null ? path : `${path}:${line}:${column ?? 1}`;
}

function whatItGives(profile: Profile) {
  const { requests, registers, ms } = explainPlan(profile);
  const { id, vendor, models, rows } = profile;
  const quantities = new Set(rows.map(({ quantity }) => quantity)).size;
  return {
    profileId: id,
    vendor,
    models,
    rowCount: rows.length,
    quantityCount: quantities,
    requestCount: requests,
    registerCount: registers,
    passMs: Math.round(ms),
  };
}
