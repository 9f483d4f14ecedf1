import { create } from '@bufbuild/protobuf';
import { Client, credentials, Metadata, status } from '@grpc/grpc-js';
import { HealthRequestSchema } from '../../proto/index.ts';
import { expectSame, runSteps, type Steps } from '../clients/steps.ts';
import { installedVersion } from '../official/npm-program.ts';
import type { GrpcClient } from './client-program.ts';
import { methods, NodeCaller } from './node-caller.ts';

const firstId = 1000;
const calls = 100;
const answerBytes = 1024 * 1024;
const deadlineMs = 500;

/** grpc-js, in the version of this package. */
export async function nodeGrpcClient(): Promise<GrpcClient> {
  return {
    name: `grpc-js ${await installedVersion('@grpc/grpc-js')}`,
    async check(socketPath) {
      const client = new Client(`unix:${socketPath}`, credentials.createInsecure());
      try {
        return await runSteps(stepsOf(new NodeCaller(client)));
      } finally {
        client.close();
      }
    },
  };
}

/**
 * Returns the code of a call that ended after some milliseconds. At the deadline, a server may reset the stream, as
 * grpc-go does. If grpc-js reads that before its own timer runs, it reports CANCELLED, where grpc-go's client and others
 * look at the deadline and report DEADLINE_EXCEEDED. Its deadline is in whole milliseconds, hence up to 1 ms early.
 */
export function endAtDeadline(code: status, afterMs: number): status {
  return code === status.CANCELLED && afterMs > deadlineMs - 1 ? status.DEADLINE_EXCEEDED : code;
}

function stepsOf(caller: NodeCaller): Steps {
  return {
    async health() {
      const { answer } = caller.start(methods.healthCheck, create(HealthRequestSchema));
      expectSame('the health', (await answer).status, 'ok');
    },
    initialize: () => caller.initialize(),
    async ping() {
      await caller.invoke('ping');
    },
    async metadata() {
      const metadata = new Metadata();
      metadata.set('x-request-id', 'a b');
      metadata.set('trace-bin', Buffer.from([0, 255]));
      const { answer } = caller.start(methods.invoke, caller.request('ping'), { metadata });
      expectSame('the status', (await answer).status, 200);
    },
    async stream() {
      expectSame('the status', (await caller.firstChunk()).status, 200);
    },
    async large() {
      const text = 'x'.repeat(answerBytes);
      expectSame('the text is complete', (await caller.tool('conformance_echo', { text })) === text, true);
    },
    async concurrent() {
      const ids = Array.from({ length: calls }, (_, index) => firstId + index);
      const answers = await Promise.all(ids.map((id) => caller.invoke('ping', {}, id)));
      expectSame(
        'the ids',
        answers.map(({ id }) => id),
        ids,
      );
    },
    async deadline() {
      const key = `deadline-${caller.session}`;
      const start = performance.now();
      const { answer } = caller.start(methods.invoke, caller.waitFor(key), { deadlineMs });
      const code = await answer.then(
        () => status.OK,
        (error: { readonly code: status }) => error.code,
      );
      expectSame('the code', endAtDeadline(code, performance.now() - start), status.DEADLINE_EXCEEDED);
      await caller.awaitState(key, ['cancelled', 'unknown']);
    },
    async cancel() {
      const key = `cancel-${caller.session}`;
      const call = caller.start(methods.invoke, caller.waitFor(key), { deadlineMs: 30_000 });
      const ended = call.answer.then(
        () => 'answered',
        () => 'failed',
      );
      await caller.awaitState(key, ['running']);
      call.cancel();
      expectSame('the cancelled call', await ended, 'failed');
      await caller.awaitState(key, ['cancelled']);
    },
    async close() {
      const { answer } = caller.start(methods.closeSession, caller.request());
      expectSame('the status', Math.floor((await answer).status / 100), 2);
    },
  };
}
