import { createLocalJWKSet, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
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
import { withdrawnKey } from '../faults/changes/gateway.ts';
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

/** Creates callers with tokens, and tokens that the gateway must refuse. */
async function makeCallers() {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const withdrawn = await generateKeyPair('ES256');
  const expected = { issuer: 'https://issuer.example.org', audience: 'mcp' };
  const alice = { sub: 'alice', email: 'alice@example.org', email_verified: true };
  const sign = (claims: JWTPayload, endsAt: string | Date = '2h', key = privateKey, kid = 'kit') =>
    new SignJWT({ teams: ['red'], is_admin: false, ...claims })
      .setProtectedHeader({ alg: 'ES256', kid })
      .setIssuer(expected.issuer)
      .setAudience(expected.audience)
      .setExpirationTime(endsAt)
      .sign(key);
  const identityOf = (sub: string) => ({ email: `${expected.issuer}#${sub}`, is_authenticated: true });
  return {
    authenticator: bearerAuthenticator({
      keys: createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: 'kit', alg: 'ES256' }] }),
      ...expected,
    }),
    facilities: {
      fields: [],
      hasFallback: false,
      bearer: await sign(alice),
      identity: identityOf('alice'),
      otherBearer: await sign({ sub: 'bob' }),
      otherIdentity: identityOf('bob'),
      expiredBearer: await sign(alice, new Date(Date.now() - 3_600_000)),
      namesakeBearer: await sign({ ...alice, sub: 'mallory' }),
      withdrawnBearer: await sign(alice, '2h', withdrawn.privateKey, withdrawnKey.kid),
    },
  };
}
