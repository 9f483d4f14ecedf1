import { useState } from 'preact/hooks';
import { ShowAll } from '../../components/show-all.tsx';
import type { Finding, RunModel } from '../../model/run-model.ts';
import { count, extentOf, summaryWithoutClause } from '../../model/words.ts';
import { toFinding } from './places.ts';

const shownAtFirst = 10;

/** The findings, in the order in which to fix them, each with the cases that it blocks. */
export function Findings({ model }: { readonly model: RunModel }) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? model.findings : model.findings.slice(0, shownAtFirst);
  const [first] = model.findings;
  return (
    <section class="panel" aria-labelledby="findings">
      <div class="panel-head">
        <h2 id="findings">Fix this first</h2>
        <small>
          {count(model.findings.length, 'finding')}
          {first !== undefined &&
            first.blocked.length > 0 &&
            `. The first one also blocks ${count(first.blocked.length, 'case')}`}
        </small>
      </div>
      <ol>
        {shown.map((finding) => (
          <FindingRow key={finding.number} finding={finding} />
        ))}
      </ol>
      <ShowAll
        shown={shown.length}
        total={model.findings.length}
        noun="findings"
        onShow={() => setWhole(true)}
      />
    </section>
  );
}

function FindingRow({ finding }: { readonly finding: Finding }) {
  const { number, clause, summary, cases, blocked, unstable, passesAlone } = finding;
  const extent =
    unstable !== undefined
      ? `unstable, ${unstable.failed} of ${count(unstable.passed + unstable.failed, 'attempt')} failed`
      : passesAlone
        ? `${count(blocked.length, 'case')} passed alone`
        : extentOf(cases.length, blocked.length);
  return (
    <li class="finding">
      <span class="finding-number">{number}</span>
      <span class="finding-what">
        <a href={toFinding(number)}>{clause}</a> <code>{summaryWithoutClause(summary, clause)}</code>
      </span>
      <span class="finding-extent">{extent}</span>
    </li>
  );
}
