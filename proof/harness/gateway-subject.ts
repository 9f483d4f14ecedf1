import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import {
  checkGateway,
  type GatewayCase,
  loadClauses,
  loadGatewayCases,
  packageRoot,
} from '../../conformance/index.ts';
import { bearerAuthenticator } from '../../gateway/index.ts';
import { makeFolderPlace } from '../../runners/socket-place.ts';
import { gatewayFaults } from '../faults/index.ts';
import type { GatewayFault } from './fault.ts';
import { hostGateway } from './gateway-host.ts';
import type { Kind, Subject } from './subject.ts';

/** Faults of our gateway. */
export const gatewayKind: Kind = {
  about: 'faults of our gateway: a case of the clause has to catch each',
  load: loadGatewaySubject,
};

/** Our gateway, with the faults that a case of their clause has to catch. */
export async function loadGatewaySubject(): Promise<Subject<GatewayFault, GatewayCase>> {
  const cases = await loadGatewayCases(await loadClauses(packageRoot()));
  const { authenticator, facilities } = await makeCallers();
  return {
    about: [
      'Each mutant is our gateway with one fault, outside its production code (`proof/faults/gateway/`). `npm run prove --',
      'gateway` holds each against the cases of its clause; this page is what it found.',
    ],
    faults: gatewayFaults,
    cases,
    caseTimeoutMs: 6000,
    // A trial mostly waits, so that several fit on a core.
    together: 4,
    everyCaseCatches: true,
    casesFor: ({ clause }, wholeSuite) =>
      cases.filter(({ clauses }) => wholeSuite || clauses.includes(clause)),
    async check(fault, options) {
      await using place = await makeFolderPlace();
      const socketPath = place.hostPath;
      await using gateway = await hostGateway(fault ?? {}, { socketPath, authenticator });
      return await checkGateway({
        label: fault?.name ?? 'our gateway',
        socketPath,
        facilities: { ...facilities, url: gateway.url },
        settings: { level: 'gateway', capabilities: [], narrowed: false, failOnSkip: true },
        bail: false,
        keepWire: false,
        knownFailures: new Map(),
        listener: {},
        ...options,
      });
    },
  };
}

/** Makes two callers with tokens, and a token that has ended. */
async function makeCallers() {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const sign = (email: string, endsAt: string | Date) =>
    new SignJWT({ email, teams: ['red'], is_admin: false })
      .setProtectedHeader({ alg: 'ES256', kid: 'kit' })
      .setExpirationTime(endsAt)
      .sign(privateKey);
  return {
    authenticator: bearerAuthenticator({
      keys: createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: 'kit', alg: 'ES256' }] }),
    }),
    facilities: {
      fields: [],
      hasFallback: false,
      bearer: await sign('alice@example.org', '2h'),
      identity: { email: 'alice@example.org', is_authenticated: true },
      otherBearer: await sign('bob@example.org', '2h'),
      otherIdentity: { email: 'bob@example.org', is_authenticated: true },
      expiredBearer: await sign('alice@example.org', new Date(Date.now() - 3_600_000)),
    },
  };
}
