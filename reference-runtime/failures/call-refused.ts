import { categoryMappings, type FailureCategory } from './category.ts';

/** A failure on the gRPC layer: the call could not be carried out (ERROR-1). Its message is safe to send. */
export class CallRefused extends Error {
  override readonly name = 'CallRefused';
  readonly code: FailureCategory;

  constructor(code: FailureCategory, message: string) {
    super(message);
    this.code = code;
  }

  /** The number of the gRPC status that the call ends with. */
  get grpcStatus(): number {
    return categoryMappings[this.code].grpcStatus;
  }
}
