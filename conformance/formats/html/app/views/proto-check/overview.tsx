import { OutcomeBadge, Sign } from '../../components/badge.tsx';
import { Table } from '../../components/table.tsx';
import type { Tone } from '../../model/standing.ts';
import { count, duration } from '../../model/words.ts';
import { routeTo } from '../../router.ts';
import { type Break, checksOf, type ProtoModel, touchText, touchTone } from './proto-model.ts';

/** The first page of a proto check: the verdict, the checks, and the breaking changes with their effects. */
export function ProtoOverview({ model }: { readonly model: ProtoModel }) {
  const { report, breaks, differing } = model;
  const { verdict, module, against, tool, durationMs, lint } = report;
  const tone: Tone = verdict.exitCode === 0 ? 'passed' : verdict.exitCode === 1 ? 'failed' : 'unstable';
  return (
    <>
      <section class="panel verdict" data-tone={tone}>
        <h1 tabIndex={-1}>
          <Sign tone={tone} /> {verdict.sentence.charAt(0).toUpperCase() + verdict.sentence.slice(1)}
        </h1>
        <p class="soft">
          {module} against {against}. {duration(durationMs)}, {tool.name} {tool.version}
        </p>
      </section>
      <section class="panel">
        <h2>Checks</h2>
        <Table
          label="Outcomes of the checks"
          rows={checksOf(model)}
          keyOf={({ name }) => name}
          columns={[
            { title: 'Check', render: ({ name }) => name },
            {
              title: 'Outcome',
              render: ({ tone: own }) => <OutcomeBadge tone={own} label={words[own]} />,
            },
            {
              title: 'Details',
              render: ({ text, href }) => (href === undefined ? text : <a href={href}>{text}</a>),
            },
          ]}
        />
      </section>
      {breaks.length > 0 && (
        <section class="panel" aria-labelledby="breaks">
          <div class="panel-head">
            <h2 id="breaks">Breaking changes</h2>
            <small>{count(breaks.length, 'change')}</small>
          </div>
          <ol class="breaks">
            {breaks.map((found) => (
              <BreakRow key={found.number} found={found} />
            ))}
          </ol>
        </section>
      )}
      {differing.length > 0 && (
        <section class="panel">
          <h2>Vectors read differently</h2>
          <Table
            label="Differences of vectors"
            rows={differing}
            keyOf={({ name }) => name}
            columns={[
              { title: 'Vector', render: ({ name }) => <code>{name}</code> },
              { title: 'Message', render: ({ message }) => <code>{message}</code> },
              {
                title: 'In',
                render: ({ outcome }) => <Layer layer={outcome === 'json' ? 'json' : 'wire'} />,
              },
              { title: 'Difference', render: ({ detail }) => detail },
            ]}
          />
        </section>
      )}
      {lint.length > 0 && (
        <section class="panel">
          <h2>Lint</h2>
          <Table
            label="Lint findings"
            rows={lint}
            keyOf={({ file, line, column, rule }) => `${file}:${line}:${column} ${rule}`}
            columns={[
              {
                title: 'Place',
                render: ({ file, line, column }) => (
                  <code>
                    {file}:{line}:{column}
                  </code>
                ),
              },
              { title: 'Rule', render: ({ rule }) => rule },
              { title: 'Finding', render: ({ message }) => message },
            ]}
          />
        </section>
      )}
    </>
  );
}

const words: Readonly<Record<Tone, string>> = {
  passed: 'ok',
  partial: 'in part',
  failed: 'fails',
  blocked: 'no verdict',
  unstable: 'no verdict',
  known: 'known',
  skipped: 'not run',
};

/** A breaking change with its effects on each implementation. */
function BreakRow({ found }: { readonly found: Break }) {
  const { number, layer, element, rules, message, file, line, column, implementations } = found;
  return (
    <li class="finding">
      <span class="finding-number">{number}</span>
      <div class="finding-what">
        <p>
          <a href={routeTo(['break', String(number)])}>{element || rules[0]}</a> <Layer layer={layer} />
        </p>
        <p>{message}</p>
        <p>
          <small>
            <code>
              {file}:{line}:{column}
            </code>
          </small>
        </p>
        <ul class="answers">
          {implementations.map((touched) => (
            <li key={touched.name}>
              <span class="answers-name">{touched.name}</span>
              <OutcomeBadge tone={touchTone(touched)} label={touchText(touched)} />
            </li>
          ))}
        </ul>
      </div>
    </li>
  );
}

/** Where a change shows: in the binary encoding, or only in JSON. */
export function Layer({ layer }: { readonly layer: 'wire' | 'json' }) {
  return <span class="tag">{layer === 'wire' ? 'on the wire' : 'in JSON'}</span>;
}
