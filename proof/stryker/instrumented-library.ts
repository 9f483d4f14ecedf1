// The instrumented reference runtime as a library. The instrumented build bundles it.
export { packageVersion } from '../../base/package.ts';
export { createRuntime } from '../../reference-runtime/runtime.ts';
