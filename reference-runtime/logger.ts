/** Writes structured log lines: fields, then a message. Never given credentials or bodies. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

const nothing = () => undefined;

/** A logger that writes nothing: the default of a runtime that is used as a library. */
export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
