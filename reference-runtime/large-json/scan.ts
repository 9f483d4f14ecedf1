import type { Steps } from './fair-work.ts';

/** A part of a large container, with whole members or elements and the commas between them. */
export interface Piece {
  readonly start: number;
  readonly end: number;
  /** A large container, which is the only value in its piece. */
  readonly child?: LargeContainer;
}

/** An object or array whose text is too long to be parsed in one step. */
export interface LargeContainer {
  readonly isArray: boolean;
  readonly start: number;
  readonly end: number;
  /** The text between its brackets, without the commas between the pieces. */
  readonly pieces: readonly Piece[];
}

/** The outline of a JSON text. */
export type Outline =
  /** The brackets do not match, or a string has no end. */
  | { readonly kind: 'malformed' }
  | { readonly kind: 'too-wide' }
  /** The root is undefined if the text has no large container. */
  | { readonly kind: 'ok' | 'too-deep'; readonly root: LargeContainer | undefined };

/** Limits of a text. */
export interface ScanLimits {
  /** Maximum number of members of one object. */
  readonly members: number;
  /** Maximum number of containers around a value, including the outermost one. */
  readonly nesting: number;
  /** Containers and pieces with more bytes are divided. */
  readonly pieceBytes: number;
}

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

interface Frame {
  readonly isArray: boolean;
  readonly start: number;
  readonly pieces: Piece[];
  members: number;
  /** The start of the text that is not in a piece yet. */
  from: number;
  /** The index after the last comma, or after the bracket. */
  elementStart: number;
  /** The large container in the current member or element. */
  child: LargeContainer | undefined;
}

const stepBytes = 16 * 1024;

/** Scans a JSON text once, in steps. The text need not be valid. */
export function* outlineOf(json: Buffer, limits: ScanLimits): Steps<Outline> {
  const outer: Frame[] = [];
  let frame: Frame | undefined;
  let root: LargeContainer | undefined;
  let pause = stepBytes;
  /** The number of open containers beyond the limit. They are only counted. */
  let excess = 0;
  let isTooDeep = false;
  for (let index = 0; index < json.length; index++) {
    if (index >= pause) {
      pause = index + stepBytes;
      yield;
    }
    switch (json[index]) {
      case quote:
        index = lastOfString(json, index);
        if (index < 0) return { kind: 'malformed' };
        break;
      case colon:
        if (frame !== undefined && excess === 0 && !frame.isArray && ++frame.members > limits.members) {
          return { kind: 'too-wide' };
        }
        break;
      case comma:
        if (frame !== undefined && excess === 0) endElement(frame, index, limits.pieceBytes);
        break;
      case openBrace:
      case openBracket:
        if (frame !== undefined && outer.length + 1 >= limits.nesting) {
          isTooDeep = true;
          excess++;
          break;
        }
        if (frame !== undefined) outer.push(frame);
        frame = frameAt(index, json[index] === openBracket);
        break;
      case closeBrace:
      case closeBracket: {
        if (excess > 0) {
          excess--;
          break;
        }
        if (frame === undefined || frame.isArray !== (json[index] === closeBracket)) {
          return { kind: 'malformed' };
        }
        const large = endFrame(frame, index, limits.pieceBytes);
        frame = outer.pop();
        if (frame === undefined) root = large;
        else if (large !== undefined) frame.child = large;
        break;
      }
    }
  }
  if (frame !== undefined) return { kind: 'malformed' };
  return { kind: isTooDeep ? 'too-deep' : 'ok', root };
}

/** Returns the index of the quote that ends the string at `start`, or -1. */
function lastOfString(json: Buffer, start: number): number {
  for (let end = json.indexOf(quote, start + 1); end !== -1; end = json.indexOf(quote, end + 1)) {
    let escapes = end;
    while (json[escapes - 1] === backslash) escapes--;
    if ((end - escapes) % 2 === 0) return end;
  }
  return -1;
}

function frameAt(start: number, isArray: boolean): Frame {
  const inside = start + 1;
  return { isArray, start, pieces: [], members: 0, from: inside, elementStart: inside, child: undefined };
}

/** Ends a member or element at a comma or at the closing bracket. */
function endElement(frame: Frame, at: number, pieceBytes: number): void {
  const { from, elementStart, child, pieces } = frame;
  if (child !== undefined) {
    if (elementStart > from) pieces.push({ start: from, end: elementStart - 1 });
    pieces.push({ start: elementStart, end: at, child });
    frame.child = undefined;
    frame.from = at + 1;
  } else if (at - from > pieceBytes) {
    pieces.push({ start: from, end: at });
    frame.from = at + 1;
  }
  frame.elementStart = at + 1;
}

/** Returns the container if it is large. */
function endFrame(frame: Frame, at: number, pieceBytes: number): LargeContainer | undefined {
  const { isArray, start, pieces } = frame;
  if (at - start <= pieceBytes) return undefined;
  const { child, from } = frame;
  endElement(frame, at, pieceBytes);
  // The rest, which is empty after a comma that ended a piece. Then the text is not valid.
  if (child === undefined && frame.from === from) pieces.push({ start: from, end: at });
  return { isArray, start, end: at + 1, pieces };
}
