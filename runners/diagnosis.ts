import { accessSync } from 'node:fs';
import type { InstanceExit, LogReader, RunnerDiagnosis } from './runner.ts';
import type { SocketState } from './socket-state.ts';

/** Describes the end of a target, such as `ended with exit code 1`. */
export function describeExit(exit: InstanceExit): string {
  const how = exit.signal === null ? `ended with exit code ${exit.code}` : `was killed by ${exit.signal}`;
  return exit.cause === undefined ? how : `${how} (${exit.cause})`;
}

/** Returns a sentence with the last log lines of a target. */
export function describeOutput(logs: LogReader): string {
  const lines = logs.last(3).map((line) => line.text.trim());
  const text = lines.filter((line) => line !== '').join(' | ');
  return text === '' ? 'Its log is empty.' : `Its last output: ${text.slice(-600)}`;
}

export interface SocketFacts {
  readonly state: SocketState;
  /** The path for the message, as the target sees it. */
  readonly path: string;
  /** The subject of the sentence, such as `the container`. */
  readonly subject: string;
  /** The variables that pass the path to the target. */
  readonly variables: readonly string[];
  /** Advice if access to the socket is denied. */
  readonly permissionAdvice: string;
}

/** Explains from the state of its socket why a running target is unreachable. Returns undefined if it listens. */
export function diagnoseSocket(facts: SocketFacts): RunnerDiagnosis | undefined {
  const { state, path, subject } = facts;
  const variables = facts.variables.join(' and ');
  switch (state.kind) {
    case 'listening':
      return undefined;
    case 'absent':
      return {
        cause: `${subject} runs, but there is no socket at ${path}`,
        advice: `It must bind the path in ${variables}. To use another variable, set --socket-env.`,
      };
    case 'not-a-socket':
      return {
        cause: `${path} is ${state.what}`,
        advice: 'The target must listen on a Unix domain stream socket at that path.',
      };
    case 'refused':
      return {
        cause: `${subject} runs and there is a socket file at ${path}, but no process is listening on it`,
        advice: 'The target must replace a stale socket file and listen on a new one (LIFE-3, LIFE-4).',
      };
    case 'denied': {
      const owner = state.uid === undefined ? '' : `, owner ${state.uid}:${state.gid}`;
      const mode = state.mode === undefined ? 'its folder is not accessible' : `mode ${state.mode}${owner}`;
      return {
        cause: `this user (${userName()}) may not open the socket ${path}: ${mode}`,
        advice: facts.permissionAdvice,
      };
    }
    case 'unanswered':
      return {
        cause: `a connection to ${path} fails: ${state.reason}`,
        advice: `Find out from the log what ${subject} is doing.`,
      };
  }
}

/** Returns whether this user has access to a file. @param mode access mode from `constants` of `node:fs` */
export function mayAccess(file: string, mode: number): boolean {
  try {
    accessSync(file, mode);
    return true;
  } catch {
    return false;
  }
}

/** Returns the user and group of this process as `uid:gid`. */
export function userName(): string {
  return process.getuid === undefined ? 'unknown' : `${process.getuid()}:${process.getgid?.()}`;
}
