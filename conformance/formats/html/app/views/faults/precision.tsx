import { count } from '../../model/words.ts';
import { type FaultsModel, violatedCounts } from './faults-model.ts';

/** How precisely the reports name the broken clause: faults by the number of clauses that their reports name. */
export function Precision({ model }: { readonly model: FaultsModel }) {
  const { report, faults } = model;
  const { isolation } = report;
  if (report.expects !== 'caught' || isolation === undefined) return null;
  const counts = violatedCounts(faults);
  const most = Math.max(...counts.map(([, amount]) => amount), 1);
  return (
    <section class="panel" aria-labelledby="precision">
      <div class="panel-head">
        <h2 id="precision">Violated clauses per fault</h2>
        <small>
          {isolation.right} of {isolation.total} first findings name the broken clause
        </small>
      </div>
      <ul class="bars">
        {counts.map(([clauses, amount]) => (
          <li key={clauses}>
            <span>{count(clauses, 'clause')}</span>
            <span class="row-end">{count(amount, 'fault')}</span>
            <span class="track" data-tone={clauses <= 1 ? 'passed' : clauses <= 3 ? 'blocked' : 'failed'}>
              <span style={{ width: `${(amount / most) * 100}%` }} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
