import { useEffect } from 'preact/hooks';
import type { Case, RunModel } from '../../model/run-model.ts';
import { toCase } from './places.ts';

/** Links to the case before and after this one. The keys `[` and `]` follow them. */
export function Neighbours({ model, subject }: { readonly model: RunModel; readonly subject: Case }) {
  const index = model.cases.indexOf(subject);
  const [before, after] = [model.cases[index - 1], model.cases[index + 1]];
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const to = event.key === '[' ? before : event.key === ']' ? after : undefined;
      if (to !== undefined) location.hash = toCase(to.id);
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [before, after]);
  return (
    <span>
      {before && (
        <a href={toCase(before.id)} title={`${before.id} (key [)`}>
          Previous
        </a>
      )}{' '}
      {after && (
        <a href={toCase(after.id)} title={`${after.id} (key ])`}>
          Next
        </a>
      )}
    </span>
  );
}
