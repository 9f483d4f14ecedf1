import { useEffect, useState } from 'preact/hooks';

const shownMs = 2_000;

/** Copies a text. Says so for two seconds, also to assistive technology. */
export function CopyButton({ text, label = 'Copy' }: { readonly text: string; readonly label?: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  useEffect(() => {
    if (state === 'idle') return;
    const timer = setTimeout(() => setState('idle'), shownMs);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = async (): Promise<void> => setState((await copied(text)) ? 'copied' : 'failed');
  const words = { idle: label, copied: 'Copied', failed: 'Select and copy' };
  return (
    <button type="button" class="button" onClick={copy}>
      <span aria-live="polite">{words[state]}</span>
    </button>
  );
}

/** Copies a text. Pages on disk may lack the clipboard API, so a selection is the second way. */
async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement('textarea');
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand('copy');
    field.remove();
    return done;
  }
}
