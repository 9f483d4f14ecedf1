import type { ServerOptions } from 'node:http';
import type { RuntimeRequest } from '../../client/index.ts';
import type {
  Authenticator,
  GatewayAnswer,
  GatewayOptions,
  GatewayRequest,
  NodeHandler,
  RuntimeConnection,
} from '../../gateway/index.ts';
import type { McpChunk, McpRequest } from '../../proto/index.ts';
import type { RuntimeHooks } from '../../reference-runtime/hooks.ts';
import type { ServeOptions } from '../../reference-runtime/process/run.ts';
import type { RuntimeOptions } from '../../reference-runtime/runtime-options.ts';

/** Replaced behaviours of the reference runtime. */
export type Hooks = Partial<RuntimeHooks>;

/** Serves the reference runtime in this process with `changes`. Resolves to the exit code. */
export type Serve = (
  changes?: Pick<ServeOptions, 'environment' | 'stop'> & { readonly hooks?: Hooks },
) => Promise<number>;

/** Describes a fault or a variation. */
export interface FaultFacts {
  /** Unique name: lower-case words joined by hyphens. */
  readonly name: string;
  /** The clause of `proto/CONTRACT.md` that the fault breaks or, in a variation, that permits the difference. */
  readonly clause: string;
  /** The wrong behaviour or the permitted difference, in one sentence. */
  readonly about: string;
  /** Further clauses that the fault breaks, because they forbid the same observable behaviour. */
  readonly alsoBreaks?: readonly AlsoBroken[];
}

/** A further clause that a fault breaks by definition. */
export interface AlsoBroken {
  readonly clause: string;
  /** Why no implementation can break one clause without the other, in one sentence. */
  readonly reason: string;
}

/** Changes to the reference runtime. */
export interface RuntimeChange {
  /** Replaced behaviours. */
  readonly hooks?: Hooks;
  /** Other options of the runtime. */
  readonly options?: RuntimeOptions;
  /** Replaces the main function of the process. Resolves to the exit code. */
  readonly process?: (serve: Serve) => Promise<number>;
}

/** Finds the original HTTP request that caused a call to the runtime. */
export type HttpOf = (request: RuntimeRequest) => GatewayRequest | undefined;

/** Changes to our gateway, to the HTTP server around it, or to its gRPC messages to and from the runtime. */
export interface GatewayChange {
  /** Options of the gateway. */
  readonly options?: Partial<GatewayOptions>;
  /** Options of the HTTP server. */
  readonly server?: ServerOptions;
  /** Wraps the handler between the HTTP server and the gateway. */
  readonly handler?: (next: NodeHandler) => NodeHandler;
  /** Changes the request before the gateway sees it. */
  readonly request?: (request: GatewayRequest) => GatewayRequest;
  /** Wraps the authenticator of callers. */
  readonly authenticator?: (inner: Authenticator) => Authenticator;
  /** Wraps the connection to the runtime. Called once for each gateway. */
  readonly connection?: (inner: RuntimeConnection, httpOf: HttpOf) => RuntimeConnection;
  /** Changes the request message of a call before it is sent. */
  readonly message?: (message: McpRequest, http: GatewayRequest) => McpRequest;
  /** Changes a received chunk of a stream, or returns undefined to drop the chunk. */
  readonly chunk?: (chunk: McpChunk) => McpChunk | undefined;
  /** Changes the gateway's answer. */
  readonly answer?: (answer: GatewayAnswer, http: GatewayRequest) => GatewayAnswer;
  /** Wraps the whole gateway. Called once for each gateway. */
  readonly around?: () => (
    next: (request: GatewayRequest) => Promise<GatewayAnswer>,
  ) => (request: GatewayRequest) => Promise<GatewayAnswer>;
}

/** The reference runtime with one difference. */
export interface RuntimeFault extends FaultFacts, RuntimeChange {
  readonly subject: 'runtime';
  /** `caught`: a case of the clause must catch this fault. `passed`: every case must pass this variation. */
  readonly expects: 'caught' | 'passed';
  /** Set on a variation that serves less than the reference runtime, so that cases are skipped. */
  readonly servesLess?: boolean;
}

/** Our gateway with one fault. */
export interface GatewayFault extends FaultFacts, GatewayChange {
  readonly subject: 'gateway';
  readonly expects: 'caught';
}

/** The Go runtime with one fault. Its binary selects the fault by name (build tag `faults`). */
export interface GoFault extends FaultFacts {
  readonly subject: 'go';
  readonly expects: 'caught';
}

/** A fault or a variation of any subject. */
export type Fault = RuntimeFault | GatewayFault | GoFault;

/** An entry in the lists of `faults/`. */
type ListEntry<AFault extends Fault> = Omit<AFault, 'subject' | 'expects'>;

/** A list entry for the reference runtime. */
export type RuntimeEntry = ListEntry<RuntimeFault>;

/** Turns list entries into faults of the reference runtime. */
export function runtimeFaults(entries: readonly Omit<RuntimeEntry, 'servesLess'>[]): readonly RuntimeFault[] {
  return entries.map((entry) => ({ ...entry, subject: 'runtime', expects: 'caught' }));
}

/** Turns list entries into permitted variations of the reference runtime. */
export function variations(entries: readonly RuntimeEntry[]): readonly RuntimeFault[] {
  return entries.map((entry) => ({ ...entry, subject: 'runtime', expects: 'passed' }));
}

/** Turns list entries into faults of our gateway. */
export function gatewayFaults(entries: readonly ListEntry<GatewayFault>[]): readonly GatewayFault[] {
  return entries.map((entry) => ({ ...entry, subject: 'gateway', expects: 'caught' }));
}
