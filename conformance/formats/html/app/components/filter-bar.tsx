import { useLayoutEffect, useRef } from 'preact/hooks';

/** One choice of a filter bar. */
export interface Choice {
  readonly name: string;
  readonly label: string;
  readonly values: readonly string[];
}

/** The state of a filter bar, and how to change it. */
export interface FilterBarOptions {
  readonly choices: readonly Choice[];
  readonly values: Readonly<Record<string, string | undefined>>;
  /** The items that the text searches, such as `cases`. */
  readonly subject: string;
  readonly onChange: (values: Readonly<Record<string, string | undefined>>) => void;
}

/** Filters by text and by choices. `/` focuses the text, and Esc clears the filter. */
export function FilterBar({ choices, values, subject, onChange }: FilterBarOptions) {
  const field = useRef<HTMLInputElement>(null);
  const isActive = Object.values(values).some(Boolean);
  // A layout effect, so that the keys work as soon as the page shows the filter.
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === '/' && !isTyping(event.target)) {
        event.preventDefault();
        field.current?.focus();
      }
      if (event.key === 'Escape') onChange({});
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [onChange]);
  return (
    <search class="filter">
      <span class="filter-text">
        <input
          ref={field}
          class="field"
          type="text"
          spellcheck={false}
          autocomplete="off"
          aria-label={`Filter ${subject} by text`}
          placeholder={`Filter ${subject}`}
          value={values['text'] ?? ''}
          onInput={({ currentTarget }) => onChange({ ...values, text: currentTarget.value })}
        />
        <span class="key" aria-hidden="true">
          /
        </span>
      </span>
      {choices.map(({ name, label, values: options }) => (
        <select
          key={name}
          aria-label={label}
          class="select"
          value={values[name] ?? ''}
          onChange={({ currentTarget }) => onChange({ ...values, [name]: currentTarget.value })}
        >
          <option value="">{label}: all</option>
          {options.map((value) => (
            <option key={value} value={value}>
              {value}
            </option>
          ))}
        </select>
      ))}
      {isActive && (
        <button type="button" class="button" onClick={() => onChange({})}>
          Clear
        </button>
      )}
    </search>
  );
}

/** Returns whether the target of a key press takes text, so that a single key must not act as a command. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLInputElement ||
    target instanceof HTMLSelectElement ||
    target instanceof HTMLTextAreaElement
  );
}
