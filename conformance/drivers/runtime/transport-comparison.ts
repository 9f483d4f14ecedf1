import type { Transport } from '../../../runners/runner.ts';
import type { DataCase } from '../../case/case.ts';
import { readingsOf } from '../../match/http-readings.ts';
import { memberOf } from './sessions.ts';

/** The differences between the protocols, and the cases that show them. */
export interface TransportDifferences {
  /** One line for each difference, up to a limit. */
  readonly problems: readonly string[];
  readonly cases: readonly string[];
}

/** The clause that the comparison checks. */
export const comparisonClause = 'HTTP-10';

/** Returns whether a case compares the answers of a run over both protocols. */
export function judgesTransports({ steps }: Pick<DataCase, 'steps'>): boolean {
  return steps.some(
    ({ verb, argument }) => verb === 'traffic' && memberOf(argument, 'obeys') === comparisonClause,
  );
}

/** The steps of one case over one protocol. */
interface CaseRecord {
  /** The meanings of the answers by step, such as `2` or `3.parallel.0.1`. */
  readonly answers: Map<string, string[][]>;
  passed: boolean | undefined;
}

const maxProblems = 50;
/** The meaning of a call that the kit itself ended. It depends on timing, and says nothing about the runtime. */
const anything = 'ended by the client';
const clientEnds: ReadonlySet<unknown> = new Set(['CANCELLED', 'DEADLINE_EXCEEDED']);

/** Compares the answers of the same cases over gRPC and over HTTP (HTTP-10). Shared by both passes of a run. */
export class TransportComparison {
  readonly #records: Readonly<Record<Transport, Map<string, CaseRecord>>> = {
    grpc: new Map(),
    http: new Map(),
  };

  /** Begins an attempt at a case, which replaces an earlier one. @param caseId without `@http` */
  begin(transport: Transport, caseId: string): CaseObserver {
    const record: CaseRecord = { answers: new Map(), passed: undefined };
    this.#records[transport].set(caseId, record);
    return {
      answer: (path, observation) => {
        const key = path.join('.');
        const own = record.answers.get(key) ?? [];
        record.answers.set(key, own);
        own.push(meaningsOf(observation));
      },
      end: (passed) => {
        record.passed = passed;
      },
    };
  }

  /** Returns the differences between the cases that have ended over both protocols. */
  differences(): TransportDifferences {
    const found = [...this.#records.grpc].flatMap(([id, overGrpc]) => {
      const overHttp = this.#records.http.get(id);
      return overHttp === undefined ? [] : problemsOf(overGrpc, overHttp).map((problem) => ({ id, problem }));
    });
    const problems = found.slice(0, maxProblems).map(({ id, problem }) => `${id}: ${problem}`);
    const more = found.length - problems.length;
    return {
      problems: more > 0 ? [...problems, `and ${more} more`] : problems,
      cases: [...new Set(found.map(({ id }) => id))],
    };
  }
}

/** Receives the answers of one attempt at a case. */
export interface CaseObserver {
  /** @param path the path of the step in the case */
  answer(path: readonly (string | number)[], observation: unknown): void;
  end(passed: boolean): void;
}

function problemsOf(overGrpc: CaseRecord, overHttp: CaseRecord): readonly string[] {
  if (overGrpc.passed === undefined || overHttp.passed === undefined) return [];
  if (overGrpc.passed !== overHttp.passed) {
    const [passes, fails] = overGrpc.passed ? ['gRPC', 'HTTP'] : ['HTTP', 'gRPC'];
    return [`passes over ${passes}, fails over ${fails}`];
  }
  return [...overGrpc.answers].flatMap(([key, meanings]) => {
    const others = overHttp.answers.get(key) ?? [];
    // The number of answers may differ in a loop that waits.
    if (meanings.length !== others.length) return [];
    const at = differenceOf(meanings, others);
    if (at === undefined) return [];
    const number = Number(key.split('.')[0]) + 1;
    return [`step ${number}: ${at.grpc} over gRPC, ${at.http} over HTTP`];
  });
}

/** Finds an answer without a counterpart of the same meaning. Concurrent calls end in any order. */
function differenceOf(
  overGrpc: readonly string[][],
  overHttp: readonly string[][],
): Readonly<Record<Transport, string>> | undefined {
  const rest = [...overHttp];
  for (const meanings of overGrpc) {
    const isSame = (others: readonly string[]) =>
      [meanings, others].some((each) => each.includes(anything)) ||
      others.some((each) => meanings.includes(each));
    const same = rest.findIndex(isSame);
    if (same < 0) return { grpc: meanings[0] ?? '', http: rest[0]?.[0] ?? '' };
    rest.splice(same, 1);
  }
  return undefined;
}

/** Returns the meaning of each reading of an answer. */
function meaningsOf(observation: unknown): string[] {
  return readingsOf(observation).map((reading) => {
    const grpc = memberOf(reading, 'grpc') ?? 'OK';
    if (clientEnds.has(grpc)) return anything;
    if (grpc !== 'OK') return `gRPC ${String(grpc)}`;
    const refused = Number(memberOf(reading, 'refused') ?? 0);
    const status = refused > 0 ? refused : memberOf(reading, 'status');
    const code = memberOf(memberOf(memberOf(reading, 'message'), 'error'), 'code');
    return `status ${String(status)}${code === undefined ? '' : ` with ${JSON.stringify(code)}`}`;
  });
}
