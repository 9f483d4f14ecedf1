import { useEffect, useState } from 'preact/hooks';
import { readEvidence } from './read-data.ts';

let reading: Promise<Readonly<Record<string, unknown>>> | undefined;

/** Reads the evidence of the page once. */
function evidenceOfPage(): Promise<Readonly<Record<string, unknown>>> {
  reading ??= readEvidence(document.getElementById('evidence')?.textContent ?? '');
  return reading;
}

/** Returns an entry of the evidence: `loading` until it is decompressed, or undefined if there is no such entry. */
export function useEvidence<Entry>(id: string): Entry | undefined | 'loading' {
  const [entry, setEntry] = useState<{ readonly id: string; readonly value: Entry | undefined }>();
  useEffect(() => {
    let isCurrent = true;
    void evidenceOfPage().then((all) => {
      if (isCurrent) setEntry({ id, value: all[id] as Entry | undefined });
    });
    return () => {
      isCurrent = false;
    };
  }, [id]);
  return entry?.id === id ? entry.value : 'loading';
}
