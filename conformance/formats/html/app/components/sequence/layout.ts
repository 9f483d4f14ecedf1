import type { WireEventJson } from '../../../data/report.ts';

/** A vertical line of the diagram. */
export interface Lane {
  readonly name: string;
  readonly x: number;
}

/** A row of the diagram: an event, or a fold of time without events. */
export type Row =
  | {
      readonly kind: 'event';
      readonly y: number;
      readonly event: WireEventJson;
      /** Lane at which the arrow starts and ends. Both are the same for a note. */
      readonly from: number;
      readonly to: number;
      /** Number of the call, which decides its colour. */
      readonly paint: number;
    }
  | { readonly kind: 'gap'; readonly y: number; readonly milliseconds: number };

/** The positions of everything in a diagram, in pixels. */
export interface Layout {
  readonly lanes: readonly Lane[];
  readonly rows: readonly Row[];
  readonly width: number;
  readonly height: number;
  /** The names of the calls, in the order of their colours. */
  readonly calls: readonly string[];
}

/** Width of the times before the first lane. */
export const timeWidth = 88;
const laneWidth = 132;
const textWidth = 640;
const headHeight = 44;
const rowHeight = 24;
/** Time without events that becomes a fold, in milliseconds. Shorter times stretch the rows in proportion. */
const foldMs = 250;
const stretch = 0.12;
const paints = 6;

/** Lays out the events of a case. */
export function layoutOf(events: readonly WireEventJson[], isGateway: boolean): Layout {
  const connections = connectionsOf(events);
  const names = isGateway ? ['client', 'gateway', 'runtime'] : ['kit', ...connections];
  const calls = [...new Set(events.map(({ call }) => call).filter((call) => call !== ''))];
  const rows: Row[] = [];
  let y = headHeight + rowHeight;
  let last: number | undefined;
  for (const event of events) {
    const passed = last === undefined ? 0 : Math.max(0, event.at - last);
    if (passed >= foldMs) {
      rows.push({ kind: 'gap', y, milliseconds: passed });
      y += rowHeight;
    } else y += passed * stretch;
    last = event.at;
    rows.push({
      kind: 'event',
      y,
      event,
      ...endsOf(event, names, isGateway),
      paint: calls.indexOf(event.call) % paints,
    });
    y += rowHeight;
  }
  return {
    lanes: names.map((name, index) => ({
      // Most cases use one connection, so its name would not help.
      name: !isGateway && index === 1 && connections.length === 1 ? 'target' : name,
      x: timeWidth + laneWidth / 2 + index * laneWidth,
    })),
    rows,
    width: timeWidth + names.length * laneWidth + textWidth,
    height: y + 8,
    calls,
  };
}

/** Returns the connections of the events: `main` for `main#1` and `main`. */
function connectionsOf(events: readonly WireEventJson[]): readonly string[] {
  const names = new Set(events.map(({ call }) => connectionOf(call)).filter((name) => name !== ''));
  return names.size === 0 ? ['target'] : [...names].slice(0, 6);
}

function connectionOf(call: string): string {
  return call.replace(/#\d+$/, '');
}

function endsOf({ call, direction }: WireEventJson, names: readonly string[], isGateway: boolean) {
  if (isGateway) {
    const isClient = call.startsWith('http');
    if (direction === 'local') return isClient ? { from: 0, to: 0 } : { from: 2, to: 2 };
    if (isClient) return direction === 'sent' ? { from: 0, to: 1 } : { from: 1, to: 0 };
    return direction === 'sent' ? { from: 2, to: 1 } : { from: 1, to: 2 };
  }
  const lane = Math.max(1, names.indexOf(connectionOf(call)));
  if (direction === 'local') return { from: lane, to: lane };
  return direction === 'sent' ? { from: 0, to: lane } : { from: lane, to: 0 };
}
