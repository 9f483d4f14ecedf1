import { pretty } from '../model/words.ts';
import { CopyButton } from './copy-button.tsx';

/** A value as JSON. Long values scroll. */
export function Code({ value, label }: { readonly value: unknown; readonly label: string }) {
  return (
    // A region that scrolls must be reachable with the keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <pre class="code" title={label} tabIndex={0}>
      {pretty(value)}
    </pre>
  );
}

/** A shell command with a button that copies it. */
export function Command({ text, label }: { readonly text: string; readonly label: string }) {
  return (
    <div class="command">
      <Code value={text} label={label} />
      <CopyButton text={text} label="Copy command" />
    </div>
  );
}
