import { isObject } from '../../../base/is-object.ts';
import type { Hooks } from '../../harness/fault.ts';
import { onEveryMessage } from './json-text.ts';
import { changedJson } from './lossless-json.ts';
import type { Members } from './runtime.ts';

/** Changes notifications and requests from the runtime. */
export function onOwnMessages(change: (message: Members) => Members): Hooks {
  return onEveryMessage((json) => {
    const message: unknown = JSON.parse(json);
    const isOwn = isObject(message) && Object.hasOwn(message, 'method');
    return isOwn ? changedJson(json, change) : json;
  });
}
