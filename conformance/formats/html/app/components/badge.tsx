import type { Tone } from '../model/standing.ts';

const signs: Readonly<Record<Tone, string>> = {
  passed: '✓',
  partial: '◑',
  failed: '✕',
  blocked: '‖',
  unstable: '~',
  known: '•',
  skipped: '–',
};

/** The sign of an outcome, so that no meaning depends on colour alone. */
export function Sign({ tone }: { readonly tone: Tone }) {
  return (
    <span class="sign" aria-hidden="true">
      {signs[tone]}
    </span>
  );
}

/** An outcome as a word with its sign and colour. */
export function OutcomeBadge({ tone, label }: { readonly tone: Tone; readonly label: string }) {
  return (
    <span class="badge" data-tone={tone}>
      <Sign tone={tone} />
      {label}
    </span>
  );
}
