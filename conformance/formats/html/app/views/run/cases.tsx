import { useCallback } from 'preact/hooks';
import { FilterBar } from '../../components/filter-bar.tsx';
import { Strip } from '../../components/strip.tsx';
import { choicesOf, filterIn, isEmpty, select } from '../../model/case-filter.ts';
import type { Case, RunModel, Suite } from '../../model/run-model.ts';
import { toneOf } from '../../model/standing.ts';
import { count, duration } from '../../model/words.ts';
import { replaceRoute } from '../../router.ts';
import { CaseTable } from './case-table.tsx';
import { toCase, toCases, toSuite } from './places.ts';

/** The suites as strips of cases. A filter dims the other cases, and lists those that it selects. */
export function Cases({ model, query }: { readonly model: RunModel; readonly query: URLSearchParams }) {
  const filter = filterIn(query);
  const isFiltered = !isEmpty(filter);
  const selected = isFiltered ? select(model.cases, filter) : model.cases;
  const kept = new Set(selected);
  const change = useCallback(
    (values: Readonly<Record<string, string | undefined>>) => replaceRoute(toCases(values)),
    [],
  );
  const suites = model.suites.filter(({ cases }) => cases.some((each) => kept.has(each)));
  return (
    <section class="panel" aria-labelledby="cases">
      <div class="panel-head">
        <h2 id="cases">Cases by suite</h2>
        <small role="status">
          {isFiltered
            ? `${selected.length} of ${count(model.cases.length, 'case')}`
            : count(selected.length, 'case')}
        </small>
      </div>
      <FilterBar subject="cases" choices={choicesOf(model)} values={{ ...filter }} onChange={change} />
      <ul class="rows wide-rows">
        {suites.map((suite) => (
          <SuiteRow key={suite.id} suite={suite} kept={isFiltered ? kept : undefined} />
        ))}
      </ul>
      {isFiltered && <CaseTable cases={selected} />}
      {selected.length === 0 && <p class="soft">No case matches this filter.</p>}
    </section>
  );
}

function SuiteRow({ suite, kept }: { readonly suite: Suite; readonly kept: ReadonlySet<Case> | undefined }) {
  const passed = suite.cases.filter(({ standing }) => standing === 'passed').length;
  return (
    <li class="row">
      <a href={toSuite(suite.id)}>{suite.id}</a>
      <Strip
        label={`Cases of ${suite.id}`}
        cells={suite.cases.map((each) => ({
          href: toCase(each.id),
          label: `${each.id}: ${each.standing}`,
          tone: toneOf(each.standing),
          dim: kept !== undefined && !kept.has(each),
        }))}
      />
      <span class="row-end">
        {passed} of {suite.cases.length}, {duration(suite.durationMs)}
      </span>
    </li>
  );
}
