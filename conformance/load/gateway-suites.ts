import type { GatewayCase, GatewayNeed } from '../case/gateway-case.ts';
import type { Clauses } from './clauses.ts';
import { expandRevisions } from './revisions.ts';
import type { SuiteKind, WrittenCase } from './suite-file.ts';
import { Origins } from './words/place.ts';
import { expandPatterns } from './words/steps.ts';

/** A case for gateways, as written in a file that has passed schema validation. */
interface WrittenGatewayCase extends WrittenCase {
  readonly capabilities?: readonly string[];
  readonly needs?: readonly GatewayNeed[];
}

/**
 * Returns the kind of suites that check gateways. They keep `forEach`, because the gateway driver runs it as a step.
 */
export function gatewaySuites(contract: Clauses): SuiteKind<WrittenGatewayCase, GatewayCase> {
  return {
    schema: 'gateway-suite',
    unroll: (value) => ({ value, origins: new Origins(), itemOf: () => undefined }),
    expand: expandPatterns,
    check: ({ clauses: [main = ''] }, path) => {
      const level = contract.get(main)?.level ?? 'gateway';
      const message = `the main clause ${main} does not apply to gateways`;
      const hint = 'put a clause for gateways first';
      return level === 'gateway' ? [] : [{ path: [...path, 'clauses', 0], message, hint }];
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
