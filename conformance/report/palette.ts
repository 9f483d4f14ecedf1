import picocolors from 'picocolors';

/** Colours by meaning. Every function returns the text unchanged where colours are off. */
export interface Palette {
  good(text: string): string;
  bad(text: string): string;
  caution(text: string): string;
  strong(text: string): string;
  faint(text: string): string;
}

export function makePalette(colour: boolean): Palette {
  const colours = picocolors.createColors(colour);
  return {
    good: colours.green,
    bad: colours.red,
    caution: colours.yellow,
    strong: colours.bold,
    faint: colours.dim,
  };
}

/** What decides about colours. */
export interface ColourHints {
  /** From the command line; undefined where nothing was said. */
  readonly option: boolean | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly isTTY: boolean;
}

/** `--no-color`, then `NO_COLOR` and `FORCE_COLOR` (where not empty), then whether it is a terminal that knows colours. */
export function wantsColour({ option, environment, isTTY }: ColourHints): boolean {
  if (option !== undefined) return option;
  if ((environment['NO_COLOR'] ?? '') !== '') return false;
  const force = environment['FORCE_COLOR'] ?? '';
  if (force !== '') return force !== '0' && force !== 'false';
  return isTTY && environment['TERM'] !== 'dumb';
}
