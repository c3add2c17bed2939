/** Where lifecycle changes and complaints go; pino's loggers fit. */
export type Log = Record<
  "debug" | "info" | "warn" | "error",
  (fields: Record<string, unknown>, message: string) => void
>;

export const SILENT_LOG: Log = { debug() {}, info() {}, warn() {}, error() {} };
