/** Ask again and again, but not while nobody looks; at once when somebody looks again. */
export function poll(ask: () => Promise<void>, everyMs: number): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isAsking = false;
  const next = async () => {
    if (isAsking || document.hidden) return;
    isAsking = true;
    clearTimeout(timer);
    await ask();
    isAsking = false;
    timer = setTimeout(next, everyMs);
  };
  document.addEventListener("visibilitychange", () => void next());
  void next();
}

/** JSON from our own server; undefined when it is not reachable or does not have that. */
export async function getJson<T>(path: string): Promise<T | undefined> {
  try {
    const response = await fetch(path, { headers: { accept: "application/json" } });
    return response.ok ? ((await response.json()) as T) : undefined;
  } catch {
    return undefined;
  }
}

/** @throws {Error} When the page lacks it: a mistake in its markup. */
export function elementById<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`the page lacks #${id}`);
  return found;
}
