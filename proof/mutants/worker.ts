import { answerOrders } from './answer-orders.ts';
import { mutants } from './index.ts';
import { tryMutant } from './trial.ts';

await answerOrders(async (name, options) => {
  const mutant = mutants.find((each) => each.name === name);
  if (mutant === undefined) throw new Error(`there is no mutant ${name}`);
  return tryMutant(mutant, options);
});
