const steps = 400;

/**
 * Returns the quantile of Student's t distribution above 0.5.
 * @param probability between 0.5 and 1
 * @param freedom degrees of freedom, at least 1, not necessarily whole
 */
export function studentT(probability: number, freedom: number): number {
  // With t = sqrt(freedom) * tan(angle), the density becomes a power of the cosine, which is easy to integrate.
  const whole = integral(Math.PI / 2, freedom);
  let low = 0;
  let high = Math.PI / 2;
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (0.5 + integral(middle, freedom) / (2 * whole) < probability) low = middle;
    else high = middle;
  }
  return Math.sqrt(freedom) * Math.tan((low + high) / 2);
}

/** Integrates `cos(x) ** (freedom - 1)` from 0 to `end` with Simpson's rule. */
function integral(end: number, freedom: number): number {
  const width = end / steps;
  let sum = 0;
  for (let index = 0; index <= steps; index += 1) {
    const weight = index === 0 || index === steps ? 1 : index % 2 === 1 ? 4 : 2;
    sum += weight * Math.max(0, Math.cos(index * width)) ** (freedom - 1);
  }
  return (sum * width) / 3;
}
