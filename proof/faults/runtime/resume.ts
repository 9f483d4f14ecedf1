import { RequestRefused } from '../../../reference-runtime/failures/request-refused.ts';
import { dataChunks } from '../../../reference-runtime/grpc/stream-writer.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import type { StreamEvent } from '../../../reference-runtime/mcp/sse.ts';
import { type Hooks, runtimeFaults } from '../../harness/fault.ts';

const everything: StreamEvent[] = [];
let asked: string | undefined;

function replayed(change: (events: readonly StreamEvent[]) => readonly StreamEvent[]): Hooks {
  return {
    replay(...where) {
      const events = defaultHooks.replay(...where);
      return events && change(events);
    },
  };
}

/** Faults of resumption. */
export const resumeFaults = runtimeFaults([
  {
    name: 'events-without-ids',
    clause: 'RESUME-1',
    about: 'Events have no ids',
    hooks: { frameEvent: (event) => defaultHooks.frameEvent(event).replace(/^id: .*\n/, '') },
  },
  {
    name: 'events-with-empty-ids',
    clause: 'RESUME-1',
    about: 'Ids of events are empty',
    hooks: { frameEvent: (event) => defaultHooks.frameEvent({ ...event, id: '' }) },
  },
  {
    name: 'event-ids-of-the-stream-alone',
    clause: 'RESUME-1',
    about: 'Ids of events are unique in their stream alone',
    hooks: { frameEvent: (event) => defaultHooks.frameEvent({ ...event, id: event.id.replace(/^.*-/, '') }) },
  },
  {
    name: 'one-event-id',
    clause: 'RESUME-1',
    about: 'All events of a stream have the same id',
    hooks: {
      frameEvent: (event) => defaultHooks.frameEvent({ ...event, id: event.id.replace(/-\d+$/, '-1') }),
    },
  },
  {
    name: 'nothing-replayed',
    clause: 'RESUME-2',
    about: 'Nothing is replayed',
    hooks: replayed(() => []),
  },
  {
    name: 'replayed-in-reverse',
    clause: 'RESUME-2',
    about: 'Events are replayed in reverse order',
    hooks: replayed((events) => events.toReversed()),
  },
  {
    name: 'replayed-twice',
    clause: 'RESUME-2',
    about: 'Events are replayed twice',
    hooks: replayed((events) => [...events, ...events]),
  },
  {
    name: 'replayed-without-the-last',
    clause: 'RESUME-2',
    about: 'The last event is not replayed',
    hooks: replayed((events) => events.slice(0, -1)),
  },
  {
    name: 'replayed-without-the-first',
    clause: 'RESUME-2',
    about: 'The first event that was missed is not replayed',
    hooks: replayed((events) => events.slice(1)),
  },
  {
    name: 'replayed-with-other-ids',
    clause: 'RESUME-2',
    about: 'Replayed events have other ids',
    hooks: replayed((events) => events.map((event) => ({ ...event, id: `${event.id}-again` }))),
  },
  {
    name: 'replayed-with-the-last-seen',
    clause: 'RESUME-2',
    about: 'The event that was seen last is replayed too',
    hooks: { replay: (log, stream, sequence) => defaultHooks.replay(log, stream, sequence - 1) },
  },
  {
    name: 'all-streams-replayed',
    clause: 'RESUME-2',
    about: 'Events of other streams of the session are replayed too',
    hooks: {
      replay(log, stream, sequence) {
        const own = defaultHooks.replay(log, stream, sequence);
        const others = Array.from({ length: 10 }, (_, number) => number)
          .filter((number) => number !== stream)
          .flatMap((number) => defaultHooks.replay(log, number, 0) ?? []);
        return own && [...own, ...others];
      },
    },
  },
  {
    name: 'unknown-event-is-500',
    clause: 'RESUME-3',
    about: 'An event id that was never given is refused with 500',
    hooks: {
      lastEventIdOf(headers) {
        const id = headers.get('last-event-id');
        if (id !== undefined && !/^\S+-\d+-\d+$/.test(id)) {
          throw new RequestRefused('INTERNAL', { code: 'mutant', message: 'Refused' });
        }
        return id;
      },
    },
  },
  {
    name: 'unknown-event-replays-everything',
    clause: 'RESUME-3',
    about: 'An event id that was never given replays all that there is',
    hooks: {
      frameEvent(event) {
        everything.push(event);
        return defaultHooks.frameEvent(event);
      },
      lastEventIdOf(headers) {
        asked = headers.get('last-event-id');
        return everything.some(({ id }) => id === asked) ? asked : undefined;
      },
      headChunks(head) {
        const unknown = asked !== undefined && !everything.some(({ id }) => id === asked);
        asked = undefined;
        const text = unknown ? everything.map(defaultHooks.frameEvent).join('') : '';
        return [...defaultHooks.headChunks(head), ...dataChunks(new TextEncoder().encode(text), 1e9)];
      },
    },
  },
  {
    name: 'events-of-other-sessions-replayed',
    clause: 'RESUME-3',
    about: 'An event id counts in every session',
    hooks: {
      frameEvent(event) {
        if (!everything.some(({ id }) => id === event.id)) everything.push(event);
        return defaultHooks.frameEvent(event);
      },
      lastEventIdOf(headers) {
        asked = headers.get('last-event-id');
        return undefined;
      },
      headChunks(head) {
        const at = everything.findIndex(({ id }) => id === asked);
        const stream = asked?.replace(/\d+$/, '') ?? '-';
        asked = undefined;
        const missed = at < 0 ? [] : everything.slice(at + 1).filter(({ id }) => id.startsWith(stream));
        const text = missed.map(defaultHooks.frameEvent).join('');
        return [...defaultHooks.headChunks(head), ...dataChunks(new TextEncoder().encode(text), 1e9)];
      },
    },
  },
]);
