import { mappedFiles, type PlatformSources } from '@farola/shared';

/** The unit that runs the agent. */
const UNIT = 'farola-agent.service';

/** What this process says of what it runs on. Call it before native modules are loaded, which belong to the code. */
export function platformSources(): PlatformSources {
  return { mapped: mappedFiles(process.execPath), unit: UNIT };
}
