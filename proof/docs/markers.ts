import { createHash } from 'node:crypto';

/**
 * A part of a Markdown file between two comments, which the rendered page does not show:
 *
 *     <!-- generated: NAME -->314<!-- /generated -->
 *     <!-- recorded: DATE, COMMAND -->output of the command<!-- /recorded: SEAL -->
 */
export interface Marker {
  readonly kind: 'generated' | 'recorded';
  /** `NAME`, or `DATE, COMMAND`. */
  readonly label: string;
  /** The text between the comments. */
  readonly content: string;
  /** The seal of recorded content, which detects edits. Undefined if the closing comment has no seal. */
  readonly seal: string | undefined;
  /** The position of the content in the file. */
  readonly start: number;
  readonly end: number;
  /** The line number of the opening comment, starting at 1. */
  readonly line: number;
  /** Whether the comments are on separate lines around a table, a list or a code block. */
  readonly isBlock: boolean;
}

/** A problem in a document. */
export interface Problem {
  readonly line: number;
  readonly message: string;
}

/** The markers of a document, and comments that are not well-formed markers. */
export interface Markup {
  readonly markers: readonly Marker[];
  readonly problems: readonly Problem[];
}

const comment = /<!-- (?<slash>\/?)(?<kind>generated|recorded)(?:: (?<label>[^\n]*?))? -->/g;

/** Finds the markers of a Markdown text. */
export function readMarkers(text: string): Markup {
  const markers: Marker[] = [];
  const problems: Problem[] = [];
  let open:
    | { readonly kind: string; readonly label: string; readonly at: number; readonly start: number }
    | undefined;
  for (const { 0: whole, index: at, groups = {} } of text.matchAll(comment)) {
    // A comment in backticks is an example.
    if (text[at - 1] === '`' && text[at + whole.length] === '`') continue;
    const { slash, kind, label } = groups;
    const line = lineAt(text, at);
    if (slash === '') {
      if (open !== undefined)
        problems.push({ line, message: `the marker above is not closed: <!-- /${open.kind} -->` });
      open = { kind: kind ?? '', label: label ?? '', at, start: at + whole.length };
      if (open.label === '')
        problems.push({ line, message: `<!-- ${kind} --> needs a label: <!-- ${kind}: … -->` });
    } else if (open === undefined || open.kind !== kind) {
      problems.push({ line, message: `<!-- /${kind} --> does not close a marker` });
    } else {
      const marker = makeMarker(text, { ...open, end: at, seal: label });
      markers.push(marker);
      problems.push(...layoutProblems(text, marker, open.at));
      open = undefined;
    }
  }
  if (open !== undefined) {
    problems.push({
      line: lineAt(text, open.at),
      message: `the marker is not closed: <!-- /${open.kind} -->`,
    });
  }
  return { markers, problems };
}

/** The comments of a marker: their kind, label and positions. */
interface Comments {
  readonly kind: string;
  readonly label: string;
  readonly at: number;
  readonly start: number;
  readonly end: number;
  readonly seal: string | undefined;
}

function makeMarker(text: string, { kind, label, at, start, end, seal }: Comments): Marker {
  const content = text.slice(start, end);
  return {
    kind: kind === 'recorded' ? 'recorded' : 'generated',
    label,
    content,
    seal,
    start,
    end,
    line: lineAt(text, at),
    isBlock: content.includes('\n'),
  };
}

/** Markdown treats a line that begins with a comment as HTML, so an inline comment must not begin a line. */
function layoutProblems(
  text: string,
  { content, end, line, isBlock }: Marker,
  at: number,
): readonly Problem[] {
  const startsLine = at === 0 || text[at - 1] === '\n';
  if (!isBlock) {
    return startsLine
      ? [
          {
            line,
            message: 'a line must not begin with a marker, because Markdown would treat the line as HTML',
          },
        ]
      : [];
  }
  const isAlone = startsLine && content.startsWith('\n') && text[end - 1] === '\n';
  return isAlone ? [] : [{ line, message: 'the comments around several lines must be on separate lines' }];
}

/** Replaces the content of markers. If `contentOf` returns undefined, the content stays unchanged. */
export function replaceMarked(text: string, contentOf: (marker: Marker) => string | undefined): string {
  let replaced = '';
  let last = 0;
  for (const marker of readMarkers(text).markers) {
    replaced += text.slice(last, marker.start) + (contentOf(marker) ?? marker.content);
    last = marker.end;
  }
  return replaced + text.slice(last);
}

/** Returns the seal of recorded content: the beginning of its SHA-256. */
export function sealOf(content: string): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 8);
}

/** Returns the text with new seals for the recorded markers that `isChosen` accepts. */
export function sealMarked(text: string, isChosen: (marker: Marker) => boolean): string {
  let sealed = '';
  let last = 0;
  for (const marker of readMarkers(text).markers) {
    if (marker.kind !== 'recorded' || !isChosen(marker)) continue;
    const comment = text.indexOf('-->', marker.end) + '-->'.length;
    sealed += `${text.slice(last, marker.end)}<!-- /recorded: ${sealOf(marker.content)} -->`;
    last = comment;
  }
  return sealed + text.slice(last);
}

/** Returns the line number of an index in a text, starting at 1. */
export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}
