/** Something the person at the command line can put right. One line that says what to do. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
