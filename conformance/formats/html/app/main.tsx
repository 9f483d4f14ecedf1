import './styles/index.css';
import { type FunctionComponent, render } from 'preact';
import type { PageWithoutEvidence } from '../data/index.ts';
import { openEventsForPrint } from './model/print.ts';
import { readPageData } from './model/read-data.ts';
import { views } from './views/index.ts';

const root = document.getElementById('app');
const source = document.getElementById('report');
if (root !== null && source !== null) {
  root.replaceChildren();
  const data = readPageData(source.textContent ?? '');
  // Each view takes the data of its own kind.
  const View = views[data.kind] as FunctionComponent<{ readonly data: PageWithoutEvidence }>;
  render(<View data={data} />, root);
  openEventsForPrint();
  // Rendered, and at the next frame ready for input.
  requestAnimationFrame(() => setTimeout(() => performance.mark('interactive')));
}
