import type { GatewayFault, RuntimeFault } from '../harness/fault.ts';
import { answerFaults } from './gateway/answers.ts';
import { callFaults } from './gateway/calls.ts';
import { failureFaults } from './gateway/failures.ts';
import { fieldFaults } from './gateway/fields.ts';
import { identityFaults } from './gateway/identity.ts';
import { limitFaults as gatewayLimitFaults } from './gateway/limits.ts';
import { streamFaults as gatewayStreamFaults } from './gateway/streams.ts';
import { authFaults } from './runtime/auth.ts';
import { compatFaults } from './runtime/compat.ts';
import { deadlineFaults } from './runtime/deadline.ts';
import { errorFaults } from './runtime/error.ts';
import { headFaults } from './runtime/head.ts';
import { headerFaults } from './runtime/header.ts';
import { healthFaults } from './runtime/health.ts';
import { initFaults } from './runtime/init.ts';
import { jsonRpcFaults } from './runtime/json-rpc.ts';
import { lifeFaults } from './runtime/life.ts';
import { limitFaults } from './runtime/limit.ts';
import { mcpFaults } from './runtime/mcp.ts';
import { postFaults } from './runtime/post.ts';
import { resumeFaults } from './runtime/resume.ts';
import { rpcFaults } from './runtime/rpc.ts';
import { sessionFaults } from './runtime/session.ts';
import { streamFaults } from './runtime/stream.ts';
import { authVariations } from './variations/auth.ts';
import { clientVariations } from './variations/client.ts';
import { compatVariations } from './variations/compat.ts';
import { deadlineVariations } from './variations/deadline.ts';
import { errorVariations } from './variations/error.ts';
import { headVariations } from './variations/head.ts';
import { headerVariations } from './variations/header.ts';
import { healthVariations } from './variations/health.ts';
import { initVariations } from './variations/init.ts';
import { jsonRpcVariations } from './variations/json-rpc.ts';
import { lifeVariations } from './variations/life.ts';
import { limitVariations } from './variations/limit.ts';
import { mcpVariations } from './variations/mcp.ts';
import { postVariations } from './variations/post.ts';
import { resumeVariations } from './variations/resume.ts';
import { rpcVariations } from './variations/rpc.ts';
import { sessionVariations } from './variations/session.ts';
import { streamVariations } from './variations/stream.ts';

/** Faults of the reference runtime, by the clause family that names their file. Chapters of the contract give the order. */
export const runtimeFamilies: Readonly<Record<string, readonly RuntimeFault[]>> = {
  life: lifeFaults,
  health: healthFaults,
  rpc: rpcFaults,
  error: errorFaults,
  'json-rpc': jsonRpcFaults,
  init: initFaults,
  session: sessionFaults,
  auth: authFaults,
  header: headerFaults,
  stream: streamFaults,
  head: headFaults,
  post: postFaults,
  resume: resumeFaults,
  limit: limitFaults,
  deadline: deadlineFaults,
  mcp: mcpFaults,
  compat: compatFaults,
};

/** Permitted variations of the reference runtime, by clause family. */
export const variationFamilies: Readonly<Record<string, readonly RuntimeFault[]>> = {
  life: lifeVariations,
  health: healthVariations,
  rpc: rpcVariations,
  error: errorVariations,
  'json-rpc': jsonRpcVariations,
  init: initVariations,
  session: sessionVariations,
  auth: authVariations,
  header: headerVariations,
  stream: streamVariations,
  head: headVariations,
  post: postVariations,
  resume: resumeVariations,
  limit: limitVariations,
  deadline: deadlineVariations,
  mcp: mcpVariations,
  compat: compatVariations,
  client: clientVariations,
};

/** Faults of our gateway, by the part of chapter 16 that names their file. */
export const gatewayFamilies: Readonly<Record<string, readonly GatewayFault[]>> = {
  calls: callFaults,
  fields: fieldFaults,
  identity: identityFaults,
  answers: answerFaults,
  streams: gatewayStreamFaults,
  failures: failureFaults,
  limits: gatewayLimitFaults,
};

/** Every fault of the reference runtime. */
export const runtimeFaults: readonly RuntimeFault[] = Object.values(runtimeFamilies).flat();

/** Every permitted variation of the reference runtime. */
export const variations: readonly RuntimeFault[] = Object.values(variationFamilies).flat();

/** Every fault of our gateway. */
export const gatewayFaults: readonly GatewayFault[] = Object.values(gatewayFamilies).flat();
