import { type Certified, issueServer, makeAuthority } from '@farola/collector/trust/x509-authority.js';
import { systemClock } from '@farola/shared';

/** An authority and a server certificate under it for 127.0.0.1, as `farola-collector init` makes them. */
export async function testAuthority(collectorId = 'malaga'): Promise<{ authority: Certified; server: Certified }> {
  const now = systemClock().now();
  const authority = await makeAuthority(collectorId, now);
  const server = await issueServer(authority, collectorId, '127.0.0.1', now);
  return { authority, server: { ...server, certificate: server.certificate + authority.certificate } };
}
