import { useEffect } from 'preact/hooks';

/**
 * Names the open place in the title of the document. The title of the page returns when the place is left.
 * @param place undefined at the overview, which keeps the title of the page
 * @param subject the subject of the page, such as the description of the target
 */
export function useTitle(place: string | undefined, subject: string): void {
  useEffect(() => {
    if (place === undefined) return;
    const before = document.title;
    document.title = `${place} · ${subject}`;
    return () => {
      document.title = before;
    };
  }, [place, subject]);
}
