import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from 'jose';
import {
  checkGateway,
  type GatewayCase,
  type GatewayRunOptions,
  loadClauses,
  loadGatewayCases,
  packageRoot,
  type RunResult,
} from '../../conformance/index.ts';
import { bearerAuthenticator } from '../../gateway/index.ts';
import { makeFolderPlace } from '../../runners/socket-place.ts';
import { gatewayFaults } from '../faults/index.ts';
import type { GatewayChange, GatewayFault } from './fault.ts';
import { hostGateway } from './gateway-host.ts';
import type { Kind, Subject } from './subject.ts';

/** Faults of our gateway. */
export const gatewayKind: Kind = {
  about: 'faults of our gateway, each caught by a case of its clause',
  load: loadGatewaySubject,
};

/** Loads our gateway as a subject, with its faults and the gateway cases. */
export async function loadGatewaySubject(): Promise<Subject<GatewayFault, GatewayCase>> {
  const cases = await loadGatewayCases(await loadClauses(packageRoot()));
  const callers = await makeCallers();
  return {
    about: [
      'Each fault is a deliberate defect of our gateway, outside its production code (`proof/faults/gateway/`). This page',
      'records a run of `npm run prove -- gateway`, which runs the cases of its clause against each fault.',
    ],
    faults: gatewayFaults,
    cases,
    caseTimeoutMs: 6000,
    // A trial mostly waits, so several trials share a core.
    together: 4,
    everyCaseCatches: true,
    casesFor: ({ clause }, wholeSuite) =>
      cases.filter(({ clauses }) => wholeSuite || clauses.includes(clause)),
    check: (fault, options) =>
      check(fault ?? {}, callers, { label: fault?.name ?? 'our gateway', ...options }),
  };
}

/** Runs all gateway cases against our gateway with a change. */
export async function checkOurGateway(change: GatewayChange): Promise<RunResult> {
  const cases = await loadGatewayCases(await loadClauses(packageRoot()));
  const { signal } = new AbortController();
  return check(change, await makeCallers(), { label: 'our gateway', cases, readyTimeoutMs: 30_000, signal });
}

type Options = Pick<GatewayRunOptions, 'label' | 'cases' | 'readyTimeoutMs' | 'signal' | 'caseTimeoutMs'>;

async function check(
  change: GatewayChange,
  { authenticator, facilities }: Awaited<ReturnType<typeof makeCallers>>,
  options: Options,
): Promise<RunResult> {
  await using place = await makeFolderPlace();
  const socketPath = place.hostPath;
  await using gateway = await hostGateway(change, { socketPath, authenticator });
  return await checkGateway({
    socketPath,
    facilities: { ...facilities, url: gateway.url },
    settings: { level: 'strict', capabilities: [], narrowed: false, failOnSkip: true },
    keepWire: false,
    knownFailures: new Map(),
    listener: {},
    ...options,
  });
}

/** Creates two callers with tokens, and an expired token. */
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
