import picocolors from 'picocolors';

/** Colours by meaning. If colours are off, every function returns its text unchanged. */
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

/** The inputs to the decision about colours. */
export interface ColourHints {
  /** The `--color` or `--no-color` option. Undefined if neither was given. */
  readonly option: boolean | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly isTTY: boolean;
}

/**
 * Decides by the option, then by `NO_COLOR`, then by `FORCE_COLOR` (each variable if not empty), and otherwise by
 * whether the output is a terminal with colours.
 */
export function wantsColour({ option, environment, isTTY }: ColourHints): boolean {
  if (option !== undefined) return option;
  if ((environment['NO_COLOR'] ?? '') !== '') return false;
  const force = environment['FORCE_COLOR'] ?? '';
  if (force !== '') return force !== '0' && force !== 'false';
  return isTTY && environment['TERM'] !== 'dumb';
}
