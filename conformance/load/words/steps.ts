import { type RpcName, rpcPath } from '../../../proto/rpc.ts';
import {
  annotationsOf,
  defaultSetup,
  limitOf,
  type StepAnnotations,
  verbsOf,
  type WrittenStep,
} from '../../case/step-annotations.ts';
import { isObject } from '../../match/canonical.ts';
import type { ValuePath } from '../yaml-file.ts';
import { unrollSuite } from './for-each.ts';
import { modernRequest } from './modern-request.ts';
import { expandPattern, messageMembers } from './patterns.ts';
import { Origins, Place } from './place.ts';

type Members = Readonly<Record<string, unknown>>;

/** The main clause of each case by the case's id. */
export type MainClauses = ReadonlyMap<string, string>;

/** Steps without short words. */
export interface ExpandedSteps {
  readonly steps: readonly WrittenStep[];
  /** Maps the path of an expanded step to the path where the step is written. */
  readonly origins: Origins;
}

/** Defaults for the step `initialize`. */
const initializeDefaults = { id: 1, revision: '2025-11-25', clientCapabilities: {} };
const clientInfo = { name: 'conformance', version: '1.0' };

/** Verbs whose `expect` is a pattern for the whole value, not for its members. */
const wholeVerbs: ReadonlySet<string> = new Set(['receive', 'check', 'logs']);

/**
 * Expands the short words in the steps of a case: `initialize`, `refused`, `tool`, the words of expectations, and the
 * named patterns. The result has only verbs, members and operators that the engine knows.
 * @param path the path of the steps in their file
 * @param mainClauses resolves the cases that `setup` names
 */
export function expandSteps(
  steps: readonly WrittenStep[],
  path: ValuePath,
  mainClauses: MainClauses = new Map(),
): ExpandedSteps {
  const origins = new Origins();
  return { steps: stepsOf(steps, new Place(origins, path), mainClauses), origins };
}

/** Like `expandSteps`, for cases for gateways: only their patterns have short words. */
export function expandPatterns(
  steps: readonly WrittenStep[],
  path: ValuePath,
  mainClauses: MainClauses = new Map(),
): ExpandedSteps {
  const origins = new Origins();
  const expanded = expandPattern(steps, new Place(origins, path)) as readonly WrittenStep[];
  const annotated = expanded.map((step) => ({ ...step, ...annotationsIn(step, mainClauses) }));
  return { steps: annotated, origins };
}

function stepsOf(written: unknown, place: Place, mainClauses: MainClauses): readonly WrittenStep[] {
  if (!Array.isArray(written)) return [];
  const steps: WrittenStep[] = [];
  for (const [index, step] of written.entries()) {
    for (const [verb, argument] of verbsOf(step)) {
      const annotations = expandAnnotations(Object(step), verb, mainClauses);
      const add = (actual: string, expand: (at: Place) => unknown) => {
        place.moved([steps.length], [index]);
        const expanded = expand(place.moved([steps.length, actual], [index, verb]));
        steps.push({ [actual]: expanded, ...annotations, ...limitOf(Object(step)) });
      };
      if (verb === 'initialize') add('invoke', (at) => initialize(argument, at));
      else if (verb === 'openStream' && 'refused' in Object(argument)) {
        const name = `refused-${place.path.slice(3).concat(index).join('-')}`;
        const { refused, as = name, ...opening } = Object(argument);
        add(verb, (at) => argumentOf(verb, { as, ...opening }, at, mainClauses));
        if (Object(opening.request).method === 'POST') {
          add('end', (at) => ({ stream: as, expect: refusedPost(refused, at) }));
        } else add('end', (at) => argumentOf('end', { stream: as, refused }, at, mainClauses));
      } else add(verb, (at) => argumentOf(verb, argument, at, mainClauses));
    }
  }
  return steps;
}

/** Returns the annotations of a step, including those that its verb implies. */
function expandAnnotations(step: WrittenStep, verb: string, mainClauses: MainClauses): StepAnnotations {
  const annotations = annotationsIn(step, mainClauses);
  const implied = defaultSetup(verb, step[verb]);
  return implied === undefined || Object.keys(annotations).length > 0 ? annotations : { setup: implied };
}

/**
 * The annotations of a step, with the main clause of the case that `setup` names; an unknown case has no main
 * clause.
 */
function annotationsIn(step: WrittenStep, mainClauses: MainClauses): StepAnnotations {
  const { setup } = step;
  if (typeof setup !== 'string') return annotationsOf(step);
  return { setup: { case: setup, clause: mainClauses.get(setup) ?? '' } };
}

function argumentOf(verb: string, argument: unknown, place: Place, mainClauses: MainClauses): unknown {
  if (verb === 'eventually') return stepsOf(argument, place, mainClauses);
  if (verb === 'parallel' && Array.isArray(argument)) {
    return argument.map((branch, index) => stepsOf(branch, place.at(index), mainClauses));
  }
  if (!isObject(argument)) return argument;
  const members = Object.entries(argument).map(([key, value]): readonly [string, unknown] => {
    const at = place.at(key);
    switch (key) {
      case 'steps':
      case 'prompting':
        return [key, stepsOf(value, at, mainClauses)];
      case 'request':
        return [key, requestOf(value, at)];
      case 'frames':
        return [
          key,
          Array.isArray(value) ? value.map((frame, index) => frameOf(frame, at.at(index))) : value,
        ];
      case 'rpc':
        place.moved(['path'], ['rpc']);
        return ['path', rpcPath(value as RpcName)];
      case 'never':
        return [key, expandPattern(value, at)];
      case 'expect':
        return [key, wholeVerbs.has(verb) ? expandPattern(value, at) : outcomeOf(value, at)];
      case 'also':
        return [
          key,
          Array.isArray(value) ? value.map((each, index) => furtherOf(each, at.at(index))) : value,
        ];
      case 'refused':
        return ['expect', refusal(verb, value, place)];
      default:
        return [key, value];
    }
  });
  return Object.fromEntries(members);
}

/** An entry of `also`. */
function furtherOf(entry: unknown, place: Place): unknown {
  if (!isObject(entry)) return entry;
  return { ...entry, expect: outcomeOf(entry['expect'], place.at('expect')) };
}

/** `refused: 403`: the status of a unary call, or of the only chunk of a stream. */
function refusal(verb: string, status: unknown, place: Place): Members {
  const member = verb === 'end' ? 'errorStatus' : 'status';
  const pattern = expandPattern(status, place.moved(['expect', member], ['refused']));
  return verb === 'end' ? { done: true, errorStatus: pattern, chunks: 1, bytes: 0 } : { status: pattern };
}

/** `refused: 403` for a streamed POST, whose refusal may have a body (POST-4). */
function refusedPost(status: unknown, place: Place): Members {
  return { done: true, refused: expandPattern(status, place.moved(['expect', 'refused'], ['refused'])) };
}

/** `initialize`: a call of Invoke with an initialize message. */
function initialize(argument: unknown, place: Place): unknown {
  const { id, revision, clientCapabilities, ...others } = { ...initializeDefaults, ...Object(argument) };
  const message = {
    id,
    method: 'initialize',
    params: { protocolVersion: revision, capabilities: clientCapabilities, clientInfo },
  };
  const request: Record<string, unknown> = {};
  const call: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(others)) {
    if (callMembers.has(key)) call[key] = value;
    else {
      request[key] = value;
      place.moved(['request', key], [key]);
    }
  }
  return argumentOf('invoke', { request: { ...request, message }, ...call }, place, new Map());
}

const callMembers: ReadonlySet<string> = new Set([
  'as',
  'deadline',
  'connection',
  'target',
  'expect',
  'refused',
  'also',
]);

/** `tool: echo, arguments: {…}, id: 2` or `modern: {…}` in a request: a JSON-RPC message. */
function requestOf(written: unknown, place: Place): unknown {
  if (!isObject(written)) return written;
  if ('modern' in written) return modernRequest(written, place);
  if (!('tool' in written)) return written;
  const { tool, arguments: given, id = 1, ...request } = written;
  const params = place.moved(['message', 'params', 'name'], ['tool']) && {
    name: tool,
    ...(given === undefined ? {} : { arguments: given }),
  };
  place.moved(['message', 'params', 'arguments'], ['arguments']);
  place.moved(['message', 'id'], ['id']);
  return { ...request, message: { id, method: 'tools/call', params } };
}

/** A frame of `raw`, which may contain a request. */
function frameOf(frame: unknown, place: Place): unknown {
  if (!isObject(frame)) return frame;
  return Object.fromEntries(
    Object.entries(frame).map(([form, value]) => {
      if (form === 'message') return [form, requestOf(value, place.at(form))];
      if (!isObject(value) || !('message' in value)) return [form, value];
      return [form, { ...value, message: requestOf(value['message'], place.at(form, 'message')) }];
    }),
  );
}

/** Words of an expectation that describe the JSON-RPC response. */
const messageWords: ReadonlySet<string> = new Set(['id', 'result', 'error', 'toolText']);
const classOfStatus = /^(?<first>[1-5])xx$/;

/** Expands the short words of an expectation, including its `anyOf`. */
function outcomeOf(expect: unknown, place: Place): unknown {
  if (!isObject(expect)) return expect;
  const outcome: Record<string, unknown> = {};
  const words: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(expect)) {
    const at = place.at(key);
    if (messageWords.has(key)) {
      words[key] = value;
      // Reserves the position of the first word among the members.
      outcome['message'] = undefined;
    } else if (key === 'anyOf' && Array.isArray(value)) {
      outcome[key] = value.map((each, index) => outcomeOf(each, at.at(index)));
    } else outcome[key] = key === 'status' ? statusOf(value, at) : expandPattern(value, at);
  }
  if (Object.keys(words).length === 0) return outcome;
  return { ...outcome, message: { $include: messageMembers(words, place.moved(['message'], [])) } };
}

/** `status: 2xx`: a status from 200 to 299. */
function statusOf(status: unknown, place: Place): unknown {
  const first = typeof status === 'string' ? classOfStatus.exec(status)?.groups?.['first'] : undefined;
  return first === undefined
    ? expandPattern(status, place)
    : { $range: [Number(`${first}00`), Number(`${first}99`)] };
}

/**
 * Returns a function that maps the path of an expanded step to the path where the step is written, or to undefined for
 * an unknown case.
 * @param suite the value of a suite file
 */
export function locateSteps(suite: unknown): (name: string, stepPath: ValuePath) => ValuePath | undefined {
  const { value, origins } = unrollSuite(suite);
  const { cases }: { cases?: readonly { case: string; steps: readonly WrittenStep[] }[] } = Object(value);
  return (name, stepPath) => {
    const index = cases?.findIndex((each) => each.case === name) ?? -1;
    const written = cases?.[index];
    if (written === undefined) return undefined;
    const path = ['cases', index, 'steps'];
    const expanded = expandSteps(written.steps, path);
    return origins.of(expanded.origins.of([...path, ...stepPath]));
  };
}
