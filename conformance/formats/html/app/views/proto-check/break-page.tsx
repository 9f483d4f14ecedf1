import type { TouchedJson } from '../../../data/proto-check.ts';
import { OutcomeBadge } from '../../components/badge.tsx';
import { Facts } from '../../components/facts.tsx';
import { Table } from '../../components/table.tsx';
import { routeTo } from '../../router.ts';
import { ContractText } from '../run/contract-text.tsx';
import { Layer } from './overview.tsx';
import { type Break, type ProtoModel, touchText, touchTone } from './proto-model.ts';

/** A breaking change: its cause, the clauses that name the element, and the cases that fail because of it. */
export function BreakPage({ model, found }: { readonly model: ProtoModel; readonly found: Break }) {
  const { number, layer, element, rules, message, file, line, column, clauses, vectors, implementations } =
    found;
  const differing = model.differing.filter(({ name }) => vectors.includes(name));
  return (
    <>
      <section class="panel verdict" data-tone="failed">
        <p class="trail">
          <span>
            <a href={routeTo([])}>Overview</a> / Breaking change {number} of {model.breaks.length}
          </span>
        </p>
        <h1 tabIndex={-1}>{element || rules[0]}</h1>
        <p>{message}</p>
        <p class="meta">
          <Layer layer={layer} />
          <code>
            {file}:{line}:{column}
          </code>
        </p>
      </section>
      <section class="panel">
        <h2>Cause</h2>
        <Facts
          facts={[
            ['Rules', rules.join(', ')],
            [
              'Related clauses',
              clauses.length === 0
                ? undefined
                : clauses.map((id) => (
                    <div key={id} class="rule">
                      <p class="rule-head">
                        {model.matrix?.clauseById.has(id) === true ? (
                          <a href={routeTo(['clause', id])}>{id}</a>
                        ) : (
                          id
                        )}
                      </p>
                      <p>
                        <ContractText text={model.contract.get(id) ?? ''} />
                      </p>
                    </div>
                  )),
            ],
            [
              'Vectors',
              differing.length === 0 ? undefined : (
                <ul>
                  {differing.map(({ name, detail }) => (
                    <li key={name}>
                      <code>{name}</code>: {detail}
                    </li>
                  ))}
                </ul>
              ),
            ],
          ]}
        />
      </section>
      {implementations.length === 0 && (
        <section class="panel">
          <h2>Impact</h2>
          <p class="soft">The effect on implementations was not measured for this change.</p>
        </section>
      )}
      {implementations.map((touched) => (
        <Effect key={touched.name} model={model} touched={touched} />
      ))}
    </>
  );
}

/** The effects of a change on one implementation that was not changed. */
function Effect({ model, touched }: { readonly model: ProtoModel; readonly touched: TouchedJson }) {
  const { name, cases = [], reasons = [] } = touched;
  const rows = cases.map((id, index) => ({ id, reason: reasons[index] ?? '' }));
  return (
    <section class="panel">
      <div class="panel-head">
        <h2>Impact on {name}</h2>
        <OutcomeBadge tone={touchTone(touched)} label={touchText(touched)} />
      </div>
      {rows.length === 0 ? (
        <p class="soft">No case fails for callers of the changed module alone.</p>
      ) : (
        <div class="broken-cases">
          <Table
            label={`Cases that fail in ${name}`}
            rows={rows}
            keyOf={({ id }) => id}
            columns={[
              {
                title: 'Case',
                render: ({ id }) =>
                  model.matrix?.caseById.has(id) === true ? <a href={routeTo(['case', id])}>{id}</a> : id,
              },
              {
                title: 'Why it fails for callers of the changed module',
                render: ({ reason }) => <code>{reason}</code>,
              },
            ]}
          />
        </div>
      )}
    </section>
  );
}
