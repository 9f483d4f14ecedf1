import { RequestRefused } from '../../../reference-runtime/failures/request-refused.ts';
import { dataChunks } from '../../../reference-runtime/grpc/stream-writer.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import type { StreamEvent } from '../../../reference-runtime/mcp/sse.ts';
import { type Hooks, runtimeFaults } from '../../harness/fault.ts';

const sentEvents: StreamEvent[] = [];
let lastEventId: string | undefined;

function replayed(change: (events: readonly StreamEvent[]) => readonly StreamEvent[]): Hooks {
  return {
    replay(...where) {
      const events = defaultHooks.replay(...where);
      return events && change(events);
    },
  };
}

/** Faults in resumption. */
export const resumeFaults = runtimeFaults([
  {
    name: 'events-without-ids',
    clause: 'RESUME-1',
    about: 'The runtime sends events without ids',
    hooks: { frameEvent: (event) => defaultHooks.frameEvent(event).replace(/^id: .*\n/, '') },
  },
  {
    name: 'events-with-empty-ids',
    clause: 'RESUME-1',
    about: 'The runtime sends events with empty ids',
    hooks: { frameEvent: (event) => defaultHooks.frameEvent({ ...event, id: '' }) },
  },
  {
    name: 'event-ids-of-the-stream-alone',
    clause: 'RESUME-1',
    about: 'The runtime reuses event ids across the streams of a session',
    hooks: { frameEvent: (event) => defaultHooks.frameEvent({ ...event, id: event.id.replace(/^.*-/, '') }) },
  },
  {
    name: 'one-event-id',
    clause: 'RESUME-1',
    about: 'The runtime gives all events of a stream the same id',
    hooks: {
      frameEvent: (event) => defaultHooks.frameEvent({ ...event, id: event.id.replace(/-\d+$/, '-1') }),
    },
  },
  {
    name: 'nothing-replayed',
    clause: 'RESUME-2',
    about: 'The runtime ignores last-event-id',
    hooks: replayed(() => []),
  },
  {
    name: 'replayed-in-reverse',
    clause: 'RESUME-2',
    about: 'The runtime replays events in reverse order',
    hooks: replayed((events) => events.toReversed()),
  },
  {
    name: 'replayed-twice',
    clause: 'RESUME-2',
    about: 'The runtime replays events twice',
    hooks: replayed((events) => [...events, ...events]),
  },
  {
    name: 'replayed-without-the-last',
    clause: 'RESUME-2',
    about: 'The runtime omits the last event from a replay',
    hooks: replayed((events) => events.slice(0, -1)),
  },
  {
    name: 'replayed-without-the-first',
    clause: 'RESUME-2',
    about: 'The runtime omits the first missed event from a replay',
    hooks: replayed((events) => events.slice(1)),
  },
  {
    name: 'replayed-with-other-ids',
    clause: 'RESUME-2',
    about: 'The runtime gives replayed events new ids',
    hooks: replayed((events) => events.map((event) => ({ ...event, id: `${event.id}-again` }))),
  },
  {
    name: 'replayed-with-the-last-seen',
    clause: 'RESUME-2',
    about: 'The runtime replays the event that last-event-id names',
    hooks: { replay: (log, stream, sequence) => defaultHooks.replay(log, stream, sequence - 1) },
  },
  {
    name: 'all-streams-replayed',
    clause: 'RESUME-2',
    about: 'The runtime replays events of other streams of the session',
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
    about: 'The runtime refuses an unknown event id with 500',
    hooks: {
      lastEventIdOf(headers) {
        const id = headers.get('last-event-id');
        if (id !== undefined && !/^\S+-\d+-\d+$/.test(id)) {
          throw new RequestRefused('INTERNAL', { code: 'fault', message: 'Refused' });
        }
        return id;
      },
    },
  },
  {
    name: 'unknown-event-replays-everything',
    clause: 'RESUME-3',
    about: 'The runtime replays all events for an unknown event id',
    hooks: {
      frameEvent(event) {
        sentEvents.push(event);
        return defaultHooks.frameEvent(event);
      },
      lastEventIdOf(headers) {
        lastEventId = headers.get('last-event-id');
        return sentEvents.some(({ id }) => id === lastEventId) ? lastEventId : undefined;
      },
      headChunks(head) {
        const unknown = lastEventId !== undefined && !sentEvents.some(({ id }) => id === lastEventId);
        lastEventId = undefined;
        const text = unknown ? sentEvents.map(defaultHooks.frameEvent).join('') : '';
        return [...defaultHooks.headChunks(head), ...dataChunks(new TextEncoder().encode(text), 1e9)];
      },
    },
  },
  {
    name: 'events-of-other-sessions-replayed',
    clause: 'RESUME-3',
    about: 'The runtime accepts event ids of other sessions',
    hooks: {
      frameEvent(event) {
        if (!sentEvents.some(({ id }) => id === event.id)) sentEvents.push(event);
        return defaultHooks.frameEvent(event);
      },
      lastEventIdOf(headers) {
        lastEventId = headers.get('last-event-id');
        return undefined;
      },
      headChunks(head) {
        const at = sentEvents.findIndex(({ id }) => id === lastEventId);
        const stream = lastEventId?.replace(/\d+$/, '') ?? '-';
        lastEventId = undefined;
        const missed = at < 0 ? [] : sentEvents.slice(at + 1).filter(({ id }) => id.startsWith(stream));
        const text = missed.map(defaultHooks.frameEvent).join('');
        return [...defaultHooks.headChunks(head), ...dataChunks(new TextEncoder().encode(text), 1e9)];
      },
    },
  },
]);
