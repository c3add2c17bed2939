/** Where lifecycle changes and complaints go; pino's loggers fit. */
export type IngestLog = Record<
  "debug" | "info" | "warn" | "error",
  (fields: Record<string, unknown>, message: string) => void
>;

export const SILENT_INGEST_LOG: IngestLog = { debug() {}, info() {}, warn() {}, error() {} };
