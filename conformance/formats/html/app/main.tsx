import './styles/index.css';
import { render } from 'preact';
import { readPageData } from './model/read-data.ts';
import { views } from './views/index.ts';

const root = document.getElementById('app');
const source = document.getElementById('report');
if (root !== null && source !== null) {
  root.replaceChildren();
  const data = readPageData(source.textContent ?? '');
  const View = views[data.kind];
  render(<View data={data} />, root);
  // Rendered, and at the next frame ready for input.
  requestAnimationFrame(() => setTimeout(() => performance.mark('interactive')));
}
