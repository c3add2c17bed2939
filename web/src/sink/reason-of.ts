/** What to tell people of something that was thrown. `MediaError` is no `Error`, but has a message. */
export function reasonOf(cause: unknown): string {
  const { message } = (cause ?? {}) as { message?: unknown };
  return typeof message === "string" && message !== "" ? message : "it gave no reason.";
}
