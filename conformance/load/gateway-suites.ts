import { capabilityOf } from '../case/case.ts';
import type { GatewayCase, GatewayNeed } from '../case/gateway-case.ts';
import { sinceOf } from './case-since.ts';
import { bindsGateway, type Clauses } from './clauses.ts';
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
  const known = new Set([...contract.values()].flatMap(({ level }) => capabilityOf(level) ?? []));
  return {
    schema: 'gateway-suite',
    unroll: (value) => ({ value, origins: new Origins(), itemOf: () => undefined }),
    expand: expandPatterns,
    check: ({ clauses: [main = ''] }, path) => {
      const clause = contract.get(main);
      const message = `the main clause ${main} does not apply to gateways`;
      const hint = 'put a clause for gateways first';
      return clause === undefined || bindsGateway(clause)
        ? []
        : [{ path: [...path, 'clauses', 0], message, hint }];
    },
    make: (written, common) => {
      const clauses = written.clauses.flatMap((id) => contract.get(id) ?? []);
      const played = [...(written.capabilities ?? [])].sort();
      // The played runtime may also declare capabilities that no release has.
      const capabilities = played.filter((name) => known.has(name));
      const since = sinceOf({ ...common, capabilities }, contract);
      return {
        kind: 'gateway',
        ...common,
        level: clauses.some(({ level }) => level === 'gateway:strict') ? 'strict' : 'core',
        ...(since && { since }),
        revisions: expandRevisions([clauses[0]?.revisions ?? 'all']),
        needs: {},
        alone: false,
        capabilities: played,
        gatewayNeeds: written.needs ?? [],
      };
    },
  };
}
