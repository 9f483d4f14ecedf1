import { AnswerCheck } from './answer-check.ts';
import {
  type Caller,
  type Cancel,
  callOnce,
  collect,
  nextId,
  type Operation,
  PreparationError,
  unexpectedStatus,
  wrongAnswer,
} from './call.ts';
import { readableText } from './readable-text.ts';
import { closeSession, initialize, notificationOf } from './requests.ts';

const initialized = 'notifications/initialized';

/** A user with a session of its own. */
export interface User extends Caller {
  readonly sessionId: string;
}

/**
 * Opens a session.
 * @throws PreparationError
 */
export async function openSession(caller: Caller, deadlineMs: number): Promise<User> {
  const { status, headers, body } = await callOnce(caller, {
    rpc: 'Invoke',
    request: initialize(),
    deadlineMs,
  });
  const sessionId = headers()['mcp-session-id'];
  if (status !== 200 || !sessionId) {
    throw new PreparationError(`initialize did not open a session: status ${status}, ${readableText(body)}`);
  }
  const request = notificationOf(initialized, sessionId);
  await callOnce(caller, { rpc: 'Invoke', request, deadlineMs });
  return { ...caller, sessionId };
}

/** Closes the session of a user. Failures are ignored, because the session also expires. */
export async function endSession(user: User, deadlineMs: number): Promise<void> {
  const request = closeSession(user.sessionId);
  await callOnce(user, { rpc: 'CloseSession', request, deadlineMs }).catch((error: unknown) => {
    if (!(error instanceof PreparationError)) throw error;
  });
}

/** Makes the operation that opens and closes a session: `initialize`, `notifications/initialized`, `CloseSession`. */
export function sessionOperation({ transport, user }: Caller): Operation {
  const prepared = transport.prepare('Invoke', initialize());
  const check = new AnswerCheck((result) =>
    typeof Object(result).protocolVersion === 'string' ? undefined : 'the result has no protocolVersion',
  );
  return {
    start(done) {
      let cancel: Cancel = () => undefined;
      const id = nextId();
      prepared.setId(id);
      const close = (sessionId: string) => {
        const receiver = collect((response, failure) => {
          if (failure !== undefined) return done(failure);
          done(response.status < 300 ? undefined : unexpectedStatus(response));
        });
        cancel = transport.send(transport.prepare('CloseSession', closeSession(sessionId)), user, receiver);
      };
      const confirm = (sessionId: string) => {
        const receiver = collect((response, failure) => {
          if (failure !== undefined) return done(failure);
          if (response.status !== 202) return done(unexpectedStatus(response));
          close(sessionId);
        });
        const request = notificationOf(initialized, sessionId);
        cancel = transport.send(transport.prepare('Invoke', request), user, receiver);
      };
      const receiver = collect((response, failure) => {
        if (failure !== undefined) return done(failure);
        if (response.status !== 200) return done(unexpectedStatus(response));
        const problem = check.problemOf(response, id);
        const sessionId = response.headers()['mcp-session-id'];
        if (problem !== undefined) return done(wrongAnswer(problem));
        if (!sessionId) return done(wrongAnswer('the response to initialize names no session'));
        confirm(sessionId);
      });
      cancel = transport.send(prepared, user, receiver);
      return () => cancel();
    },
  };
}
