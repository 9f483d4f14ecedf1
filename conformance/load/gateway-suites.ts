import type { GatewayCase, GatewayNeed } from '../case/gateway-case.ts';
import type { Clauses } from './clauses.ts';
import { expandRevisions } from './revisions.ts';
import type { SuiteKind, WrittenCase } from './suite-file.ts';
import { Origins } from './words/place.ts';
import { expandPatterns } from './words/steps.ts';

/** The keys of a case for gateways, once the schema holds. */
interface WrittenGatewayCase extends WrittenCase {
  readonly capabilities?: readonly string[];
  readonly needs?: readonly GatewayNeed[];
}

/** Cases that are held against gateways. Their driver knows `forEach` itself. */
export function gatewaySuites(contract: Clauses): SuiteKind<WrittenGatewayCase, GatewayCase> {
  return {
    schema: 'gateway-suite',
    unroll: (value) => ({ value, origins: new Origins(), itemOf: () => undefined }),
    expand: expandPatterns,
    check: ({ clauses: [main = ''] }, path) => {
      const level = contract.get(main)?.level ?? 'gateway';
      const message = `${main} is the main clause and does not bind gateways`;
      return level === 'gateway' ? [] : [{ path: [...path, 'clauses', 0], message }];
    },
    make: (written, common) => ({
      kind: 'gateway',
      ...common,
      level: 'gateway',
      revisions: expandRevisions([contract.get(written.clauses[0] ?? '')?.revisions ?? 'all']),
      needs: {},
      alone: true,
      capabilities: [...(written.capabilities ?? [])].sort(),
      gatewayNeeds: written.needs ?? [],
    }),
  };
}
