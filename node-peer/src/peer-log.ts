/** Where lifecycle changes and complaints go; pino's loggers fit. */
export type PeerLog = Record<
  "debug" | "info" | "warn" | "error",
  (fields: Record<string, unknown>, message: string) => void
>;

export const SILENT_PEER_LOG: PeerLog = { debug() {}, info() {}, warn() {}, error() {} };
