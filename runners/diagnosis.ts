import { accessSync } from 'node:fs';
import type { InstanceExit, LogReader, RunnerDiagnosis } from './runner.ts';
import type { SocketState } from './socket-state.ts';

/** How a target ended, in words: `ended with exit code 1`. */
export function describeExit(exit: InstanceExit): string {
  return exit.signal === null ? `ended with exit code ${exit.code}` : `was ended by ${exit.signal}`;
}

/** The last few lines that a target wrote, on one line, or that there are none. */
export function lastWords(logs: LogReader): string {
  const lines = logs.last(3).map((line) => line.text.trim());
  const text = lines.filter((line) => line !== '').join(' | ');
  return text === '' ? 'It wrote nothing.' : `It last wrote: ${text.slice(-600)}`;
}

export interface SocketFacts {
  readonly state: SocketState;
  /** The path to name in the message: as the target was given it. */
  readonly path: string;
  /** What runs, as the subject of a sentence: `the container`. */
  readonly subject: string;
  /** The variables that carry the path. */
  readonly variables: readonly string[];
  /** Advice for a socket that this user may not connect to. */
  readonly permissionAdvice: string;
}

/** Why a running target cannot be reached, as its socket shows; undefined where it listens. */
export function diagnoseSocket(facts: SocketFacts): RunnerDiagnosis | undefined {
  const { state, path, subject } = facts;
  const variables = facts.variables.join(' and ');
  switch (state.kind) {
    case 'listening':
      return undefined;
    case 'absent':
      return {
        cause: `${subject} runs, but there is no socket at ${path}`,
        advice: `It has to bind the path that ${variables} ${facts.variables.length === 1 ? 'holds' : 'hold'}; --socket-env names another variable.`,
      };
    case 'not-a-socket':
      return {
        cause: `${path} is ${state.what}`,
        advice: 'The target has to listen on a Unix domain stream socket at that path.',
      };
    case 'refused':
      return {
        cause: `${subject} runs and a socket file is at ${path}, but nobody listens on it`,
        advice: 'The target has to replace a stale socket file and call listen on its own (LIFE-3, LIFE-4).',
      };
    case 'denied': {
      const owner = state.uid === undefined ? '' : `, owner ${state.uid}:${state.gid}`;
      const mode =
        state.mode === undefined ? 'its folder is closed to this user' : `mode ${state.mode}${owner}`;
      return {
        cause: `the socket ${path} may not be opened by this user (${userName()}): ${mode}`,
        advice: facts.permissionAdvice,
      };
    }
    case 'unanswered':
      return {
        cause: `a connection to ${path} fails: ${state.reason}`,
        advice: `See what ${subject} is busy with; its log may say.`,
      };
  }
}

/** Tells whether this user may do something with a file. @param mode of `constants` in `node:fs` */
export function mayAccess(file: string, mode: number): boolean {
  try {
    accessSync(file, mode);
    return true;
  } catch {
    return false;
  }
}

/** This process's user and group, as `uid:gid`. */
export function userName(): string {
  return process.getuid === undefined ? 'unknown' : `${process.getuid()}:${process.getgid?.()}`;
}
