export * from './answers.ts';
export * from './calls.ts';
export * from './compat.ts';
export * from './failures.ts';
export * from './fields.ts';
export * from './identity.ts';
export * from './limits.ts';
export * from './streams.ts';
