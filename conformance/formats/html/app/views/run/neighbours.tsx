import { useLayoutEffect } from 'preact/hooks';
import { isTyping } from '../../components/filter-bar.tsx';
import { type Case, failingAfter, type RunModel } from '../../model/run-model.ts';
import { toCase } from './places.ts';

/**
 * Links to the case before and after this one, and to the next failing one in the order of the findings. The keys `[`,
 * `]` and `n` follow them.
 */
export function Neighbours({ model, subject }: { readonly model: RunModel; readonly subject: Case }) {
  const index = model.cases.indexOf(subject);
  const [before, after] = [model.cases[index - 1], model.cases[index + 1]];
  const failing = failingAfter(model, subject.id);
  // A layout effect, so that the keys work as soon as the page shows the case.
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const to = { '[': before?.id, ']': after?.id, n: failing }[event.key];
      if (to !== undefined && !isTyping(event.target)) location.hash = toCase(to);
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [before, after, failing]);
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
      )}{' '}
      {failing && (
        <a href={toCase(failing)} title={`${failing} (key n)`}>
          Next failing
        </a>
      )}
    </span>
  );
}
