import type { McpChunk } from '../../../proto/index.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { variations } from '../../harness/fault.ts';
import { requestIn } from '../changes/request-in.ts';
import { fieldOf, onStream } from '../changes/runtime.ts';
import { chunk } from '../changes/streams.ts';

/** Variations of resumption. */
export const resumeVariations = variations([
  {
    name: 'event-ids-of-another-form',
    clause: 'RESUME-1',
    about: 'The runtime creates long event ids with punctuation',
    hooks: {
      frameEvent: (event) => defaultHooks.frameEvent({ ...event, id: `${longPrefix}${event.id}` }),
      lastEventIdOf: (headers) => defaultHooks.lastEventIdOf(headers)?.replace(longPrefix, ''),
    },
  },
  {
    name: 'event-ids-with-blanks-and-commas',
    clause: 'RESUME-1',
    about: 'The runtime creates event ids with blanks, commas, quotes and percent signs',
    hooks: {
      frameEvent: (event) => defaultHooks.frameEvent({ ...event, id: `${oddPrefix}${event.id}` }),
      lastEventIdOf: (headers) => defaultHooks.lastEventIdOf(headers)?.replace(oddPrefix, ''),
    },
  },
  {
    name: 'unknown-event-opens-a-live-stream',
    clause: 'RESUME-3',
    about: 'The runtime opens a live stream for an unknown event id',
    hooks: {
      lastEventIdOf: (headers) => {
        const id = defaultHooks.lastEventIdOf(headers);
        return id !== undefined && /^[\w]+-\d+-\d+$/.test(id) ? id : undefined;
      },
    },
  },
  {
    name: 'unknown-event-not-found',
    clause: 'RESUME-3',
    about: 'The runtime refuses an unknown event id with 404',
    hooks: onStream((call) => {
      const request = requestIn(call.request);
      if (
        request === undefined ||
        request.sessionId === '' ||
        fieldOf(request, 'last-event-id') === undefined
      )
        return;
      const write = call.write.bind(call) as (message: McpChunk, written?: () => void) => boolean;
      Object.assign(call, {
        write: (message: McpChunk, written?: () => void) =>
          write(
            message.errorStatus === 400 ? chunk({ ...message, status: 404, errorStatus: 404 }) : message,
            written,
          ),
      });
    }),
  },
  {
    name: 'little-is-kept-for-replay',
    clause: 'RESUME-4',
    about: 'The runtime keeps at most 64 messages or 64 KiB per session for replay',
    options: { limits: { replayEvents: 64, replayBytes: 64 * 1024 } },
  },
]);

const longPrefix = `v2:${'~/=+'.repeat(40)}:`;
const oddPrefix = `"a", b;\tc=%20 \\ `;
