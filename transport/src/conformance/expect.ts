/** The suite runs in pages too, where there is no test runner. @throws {Error} When they differ. */
export function expectEqual<T>(actual: T, expected: T, what: string): void {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (got !== wanted) throw new Error(`${what}: expected ${wanted}, got ${got}`);
}

/** `sizeBytes` bytes that tell their place and their message. */
export function patternBytes(sizeBytes: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: sizeBytes }, (_, at) => (at * 31 + (at >> 8) + seed * 7) & 255);
}

/** Compares as sets: links are unordered. @throws {Error} When a message is missing or altered. */
export function expectSameMessages(
  actual: readonly Uint8Array[],
  expected: readonly Uint8Array[],
): void {
  const digests = (messages: readonly Uint8Array[]) => messages.map(digest).sort();
  expectEqual(digests(actual), digests(expected), "messages as length:FNV-1a");
}

/** FNV-1a, 32 bit: enough to see an altered byte, short enough to print. */
function digest(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return `${bytes.length}:${hash.toString(16)}`;
}
