import type { RunModel } from '../../model/run-model.ts';
import type { Tone } from '../../model/standing.ts';
import { ContractText } from './contract-text.tsx';
import { toClause } from './places.ts';

/** A clause in full, in the words of the contract. */
export function Rule({
  model,
  id,
  tone,
}: {
  readonly model: RunModel;
  readonly id: string;
  readonly tone?: Tone;
}) {
  const clause = model.clauseById.get(id);
  return (
    <div class="rule" data-tone={tone}>
      <p class="rule-head">
        <a href={toClause(id)}>{id}</a>
        {clause && (
          <span>
            {clause.level}, {clause.weight}, {clause.section}
          </span>
        )}
        {tone === 'failed' && <span>violated</span>}
      </p>
      {clause?.text !== undefined && (
        <p>
          <ContractText text={clause.text} />
        </p>
      )}
    </div>
  );
}
