import { createContext, Script } from 'node:vm';
import { preview } from './preview.ts';

/** Limit of the CPU time for matching one text. Patterns of the kit need a few milliseconds for megabytes. */
export const maxMatchMs = 500;

/** The longest wait for one match. On a busy machine, it takes much longer than the CPU time. */
const maxWaitMs = 8 * maxMatchMs;

/** Maximum number of steps of a match that needs no time limit. */
const cheapSteps = 1_000_000;

/** Thrown if matching a text takes too long, so that it is unknown whether the text matches. */
export class PatternTimeoutError extends Error {
  override readonly name = 'PatternTimeoutError';
  readonly code = 'pattern-timeout';
}

/**
 * Compiles the pattern of `$regex`, in JavaScript syntax with flag u. A leading `(?i)` ignores case.
 * @throws SyntaxError
 */
export function regularExpression(source: string): RegExp {
  return source.startsWith('(?i)') ? new RegExp(source.slice(4), 'iu') : new RegExp(source, 'u');
}

/**
 * Returns whether a text contains a match of a pattern. A target chooses the text, so a pattern such as `^(a+)+$` could
 * otherwise backtrack forever, and no signal could end the kit.
 * @throws PatternTimeoutError after `maxMatchMs` of CPU time
 */
export function matchesWithin(pattern: RegExp, text: string): boolean {
  return isCheap(pattern, text) ? pattern.test(text) : testWithTimeLimit(pattern, text);
}

/**
 * Returns whether a match needs few steps, even if it backtracks. A repetition without a group tries each length once
 * for each position, so the number of steps is at most a power of the length of the text.
 */
function isCheap({ source }: RegExp, text: string): boolean {
  const repeatsGroup = /\)[*+?{]/.test(source);
  const looksAround = /\(\?[=!<]|\\[1-9k]/.test(source);
  if (repeatsGroup || looksAround) return false;
  const repetitions = source.match(/[*+?{]/g)?.length ?? 0;
  const startsAnywhere = !source.startsWith('^') || source.includes('|');
  return (text.length + 1) ** (repetitions + (startsAnywhere ? 1 : 0)) <= cheapSteps;
}

interface Trial {
  pattern: RegExp | undefined;
  text: string;
}

/** V8 can interrupt a regular expression only in a script that has a time limit. */
let interruptible: { readonly trial: Trial; readonly run: (timeout: number) => unknown } | undefined;

function testWithTimeLimit(pattern: RegExp, text: string): boolean {
  interruptible ??= makeInterruptible();
  const { trial, run } = interruptible;
  Object.assign(trial, { pattern, text });
  try {
    // V8 limits the elapsed time, in which a process on a busy machine may hardly run.
    for (let waitMs = maxMatchMs; waitMs <= maxWaitMs; waitMs *= 2) {
      const startMs = cpuMs();
      const isMatch = runWithin(run, waitMs);
      if (isMatch !== undefined) return isMatch;
      if (cpuMs() - startMs >= maxMatchMs * leastShare) break;
    }
    throw new PatternTimeoutError(
      `matching /${pattern.source}/ took more than ${maxMatchMs / 1000} s on ${preview(text)}: simplify the pattern`,
    );
  } finally {
    Object.assign(trial, { pattern: undefined, text: '' });
  }
}

/** Returns whether the text matches, or undefined if the time limit passed. */
function runWithin(run: (timeout: number) => unknown, timeout: number): boolean | undefined {
  try {
    return run(timeout) === true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    return undefined;
  }
}

/** The share of the time limit that a match uses up on a machine that is not busy. */
const leastShare = 0.8;

/** Returns the CPU time of this process in milliseconds. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function makeInterruptible(): NonNullable<typeof interruptible> {
  const trial: Trial = { pattern: undefined, text: '' };
  const context = createContext(trial);
  const script = new Script('pattern.test(text)');
  return { trial, run: (timeout) => script.runInContext(context, { timeout }) };
}
