import type { Transport } from '../../runners/runner.ts';
import type { CaseHead, DataCase } from './case.ts';

/** The protocols over which a run checks a target: one of them, or gRPC and then HTTP. */
export type TransportChoice = Transport | 'both';

/** All values of `TransportChoice`. */
export const transportChoices: readonly TransportChoice[] = ['grpc', 'http', 'both'];

/** Returns the protocols of a choice, in the order of the run. */
export function transportsIn(choice: TransportChoice): readonly [first: Transport, second?: Transport] {
  return choice === 'both' ? ['grpc', 'http'] : [choice];
}

/** The end of the id and of the suite of a case over HTTP, in a run over both protocols. */
const httpMark = '@http';

/** Returns the id of a case over HTTP in a run over both protocols. */
export function httpIdOf(id: string): string {
  return `${id}${httpMark}`;
}

/** Returns a case in the form that runs over HTTP beside the same case over gRPC. Its id ends in `@http`. */
export function asHttpCase<Case extends HttpCaseParts>(testCase: Case): Case {
  const { id, suite, steps, reliesOn } = testCase;
  return {
    ...testCase,
    id: httpIdOf(id),
    suite: httpIdOf(suite),
    transport: 'http',
    ...(reliesOn && { reliesOn: reliesOn.map(httpIdOf) }),
    steps: steps.map((step) =>
      step.setup === undefined
        ? step
        : { ...step, setup: { ...step.setup, case: httpIdOf(step.setup.case) } },
    ),
  };
}

type HttpCaseParts = Pick<DataCase, 'id' | 'suite' | 'steps' | 'reliesOn'>;

/** Returns the id of a case without the mark of `asHttpCase`, and the protocol that the mark names. */
export function splitHttpId(id: string): { readonly id: string; readonly transport: Transport } {
  return id.endsWith(httpMark)
    ? { id: id.slice(0, -httpMark.length), transport: 'http' }
    : { id, transport: 'grpc' };
}

/** The clauses about gRPC and HTTP/2, which do not bind over HTTP (chapter 18 of the contract). */
export const grpcClauses: ReadonlySet<string> = new Set([
  ...clausesOf('LIFE', 1, 2),
  ...clausesOf('RPC', 1, 5),
  ...clausesOf('RPC', 12, 22),
  ...clausesOf('RPC', 24, 24),
  ...clausesOf('ERROR', 1, 1),
  ...clausesOf('ERROR', 7, 7),
  ...clausesOf('SESSION', 7, 7),
  ...clausesOf('HEADER', 3, 3),
  ...clausesOf('STREAM', 2, 5),
  ...clausesOf('HEAD', 1, 1),
  ...clausesOf('LIMIT', 4, 4),
  ...clausesOf('DEADLINE', 1, 1),
  ...clausesOf('DEADLINE', 5, 5),
  ...clausesOf('COMPAT', 1, 2),
]);

/** Returns whether a case applies to a target that is reached over this protocol. */
export function appliesOver(transport: Transport, { clauses: [main = ''], level }: AppliesHead): boolean {
  return transport === 'http' ? !grpcClauses.has(main) : level !== 'http';
}

type AppliesHead = Pick<CaseHead, 'clauses' | 'level'>;

function clausesOf(chapter: string, from: number, to: number): readonly string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `${chapter}-${from + index}`);
}
