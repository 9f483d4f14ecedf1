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
import type { RuntimeOptions } from '../../reference-runtime/options.ts';
import type { ServeOptions } from '../../reference-runtime/process/run.ts';

/** Replaced behaviours of the reference runtime. */
export type Hooks = Partial<RuntimeHooks>;

/** Serves as the unchanged process does, except for `changes`. Resolves to the exit code. */
export type Serve = (
  changes?: Pick<ServeOptions, 'environment' | 'stop'> & { readonly hooks?: Hooks },
) => Promise<number>;

/** What every fault says about itself. */
export interface FaultFacts {
  /** Unique; lower-case words joined by hyphens. */
  readonly name: string;
  /** The clause of `proto/CONTRACT.md` that the fault breaks or, in a variation, that permits the difference. */
  readonly clause: string;
  /** The difference in one line. */
  readonly about: string;
}

/** How the reference runtime differs. */
export interface RuntimeChange {
  /** Replaced behaviours. */
  readonly hooks?: Hooks;
  /** Other options of the runtime. */
  readonly options?: RuntimeOptions;
  /** What the process does instead of just serving. Resolves to the exit code. */
  readonly process?: (serve: Serve) => Promise<number>;
}

/** The HTTP request, as received, on whose behalf the gateway calls the runtime. */
export type HttpOf = (request: RuntimeRequest) => GatewayRequest | undefined;

/** How our gateway differs: changes around it, or between it and the wire. */
export interface GatewayChange {
  /** Options of the gateway. */
  readonly options?: Partial<GatewayOptions>;
  /** Options of the HTTP server. */
  readonly server?: ServerOptions;
  /** Wraps the handler between the HTTP server and the gateway. */
  readonly handler?: (next: NodeHandler) => NodeHandler;
  /** Changes the request before the gateway sees it. */
  readonly request?: (request: GatewayRequest) => GatewayRequest;
  /** Wraps what authenticates callers. */
  readonly authenticator?: (inner: Authenticator) => Authenticator;
  /** Wraps the connection to the runtime. Called once for each gateway. */
  readonly connection?: (inner: RuntimeConnection, httpOf: HttpOf) => RuntimeConnection;
  /** Changes the message of a call on its way to the wire. */
  readonly message?: (message: McpRequest, http: GatewayRequest) => McpRequest;
  /** Changes a chunk of a stream on its way from the wire; undefined drops it. */
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
  /** A case of the clause has to catch a fault. A variation is permitted: no case may fail. */
  readonly expects: 'caught' | 'passed';
  /** Set on a variation that serves less than the reference runtime, so that cases are skipped. */
  readonly servesLess?: boolean;
}

/** Our gateway with one fault. */
export interface GatewayFault extends FaultFacts, GatewayChange {
  readonly subject: 'gateway';
  readonly expects: 'caught';
}

/** The Go runtime with one fault, which its binary knows by name (build tag `faults`). */
export interface GoFault extends FaultFacts {
  readonly subject: 'go';
  readonly expects: 'caught';
}

/** A known difference from a correct implementation, and whether the kit has to catch it. */
export type Fault = RuntimeFault | GatewayFault | GoFault;

/** A fault as the lists in `faults/` write it. */
type Written<AFault extends Fault> = Omit<AFault, 'subject' | 'expects'>;

/** A fault or a variation of the reference runtime as the lists write it. */
export type RuntimeEntry = Written<RuntimeFault>;

/** Faults of the reference runtime that a case has to catch. */
export function runtimeFaults(entries: readonly Omit<RuntimeEntry, 'servesLess'>[]): readonly RuntimeFault[] {
  return entries.map((entry) => ({ ...entry, subject: 'runtime', expects: 'caught' }));
}

/** Permitted variations of the reference runtime, which every case has to pass. */
export function variations(entries: readonly RuntimeEntry[]): readonly RuntimeFault[] {
  return entries.map((entry) => ({ ...entry, subject: 'runtime', expects: 'passed' }));
}

/** Faults of our gateway that a case has to catch. */
export function gatewayFaults(entries: readonly Written<GatewayFault>[]): readonly GatewayFault[] {
  return entries.map((entry) => ({ ...entry, subject: 'gateway', expects: 'caught' }));
}
