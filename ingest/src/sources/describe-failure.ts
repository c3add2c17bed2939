/** In words an operator knows; the code alone for what is rare. */
const FAILURES: Record<string, string> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  EPIPE: "connection reset",
  ERR_STREAM_PREMATURE_CLOSE: "it closed the connection",
  ENOTFOUND: "no such host",
  EAI_AGAIN: "the host's name cannot be looked up now",
  ETIMEDOUT: "no answer",
  EHOSTUNREACH: "host unreachable",
  ENETUNREACH: "network unreachable",
  EADDRINUSE: "port in use",
  EADDRNOTAVAIL: "not an address of this machine",
  EACCES: "permission denied",
  EPERM: "permission denied",
  ENODEV: "no way there; name a network interface with --interface",
  ENOENT: "no such file",
  EISDIR: "is a folder",
};

/** What went wrong with a socket or file, for one line. */
export function describeFailure(error: unknown): string {
  const code = failureCode(error);
  if (code !== undefined) return FAILURES[code] ?? code;
  return error instanceof Error ? error.message : String(error);
}

/** The system's code, as in `ECONNREFUSED`. */
export function failureCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && typeof error.code === "string") return error.code;
  // Several addresses of one host were tried: the first failure speaks for all.
  return error instanceof AggregateError ? failureCode(error.errors[0]) : undefined;
}
