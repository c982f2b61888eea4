import { formatToken } from '@farola/shared';
import type { ExecutionContext } from 'ava';
import { farolaAgent, writeAgentConfig } from './agent-process.js';
import { acceptEnrolment, fakeCollector, type FakeCollector } from './fake-collector.js';
import { temporaryFolder } from './temporary-folder.js';

/** An agent that was enrolled and does not run. */
export interface EnrolledAgent {
  readonly collector: FakeCollector;
  /** Holds the configuration and what it names. */
  readonly folder: string;
  /** Path of the configuration. */
  readonly config: string;
  /** The token that it was enrolled by, as text. */
  readonly token: string;
}

/** Enrols an agent of its own folder as malaga-0042. @param extra lines of its configuration */
export async function enrolledAgent(t: ExecutionContext, extra = ''): Promise<EnrolledAgent> {
  const folder = temporaryFolder(t);
  const config = writeAgentConfig(folder, extra);
  const collector = await fakeCollector(t);
  const token = formatToken(collector.token('malaga-0042'));
  const enrolling = farolaAgent(['enroll', '-', '--config', config], token);
  await acceptEnrolment(collector, await collector.connection('/v1/enrol'));
  const { code, err } = await enrolling;
  t.is(code, 0, err);
  return { collector, folder, config, token };
}
