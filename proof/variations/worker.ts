import { answerOrders } from '../mutants/answer-orders.ts';
import { tryVariation } from '../mutants/trial.ts';
import { variations } from './index.ts';

await answerOrders(async (name, options) => {
  const variation = variations.find((each) => each.name === name);
  if (variation === undefined) throw new Error(`there is no variation ${name}`);
  return tryVariation(variation, options);
});
