/**
 * What `protocol/` uses of `zod/mini`, in a tenth of its size. Put in its place by the player's
 * build (7 kB gzip of 80); trackers and ingests check with zod itself. A test holds both against
 * each other on everything the protocol knows.
 */

type Issue = { path: (string | number)[]; message: string };
type Result = { ok: true; value: unknown } | { ok: false; issue: Issue };
type Check = { holds: (value: never) => boolean; message: string };

class Schema {
  readonly #read: (value: unknown) => Result;
  readonly #checks: readonly Check[];

  constructor(read: (value: unknown) => Result, checks: readonly Check[] = []) {
    this.#read = read;
    this.#checks = checks;
  }

  check(...checks: Check[]): Schema {
    return new Schema(this.#read, [...this.#checks, ...checks]);
  }

  read(value: unknown): Result {
    const result = this.#read(value);
    if (!result.ok) return result;
    const broken = this.#checks.find(({ holds }) => !holds(result.value as never));
    return broken === undefined ? result : invalid(broken.message);
  }

  safeParse(value: unknown) {
    const result = this.read(value);
    if (result.ok) return { success: true as const, data: result.value };
    return { success: false as const, error: { issues: [result.issue] } };
  }
}

function invalid(message: string, path: Issue["path"] = []): Result {
  return { ok: false, issue: { path, message } };
}

function simple(name: string, isValid: (value: unknown) => boolean): Schema {
  return new Schema((value) =>
    isValid(value) ? { ok: true, value } : invalid(`expected ${name}`),
  );
}

/** The result of a part, with its place in front. */
function within(key: string | number, result: Result): Result {
  if (result.ok) return result;
  return invalid(result.issue.message, [key, ...result.issue.path]);
}

export const string = () => simple("string", (value) => typeof value === "string");
export const boolean = () => simple("boolean", (value) => typeof value === "boolean");
export const number = () => simple("number", Number.isFinite);
export const int = () => simple("integer", Number.isSafeInteger);
export const literal = (wanted: unknown) =>
  simple(`"${String(wanted)}"`, (value) => value === wanted);

const oneOf = (words: readonly unknown[]) =>
  simple(`one of ${words.join("|")}`, (value) => words.includes(value));

export { oneOf as enum };

/** Whether a part may be missing altogether. */
const optionals = new WeakSet<Schema>();

export function optional(schema: Schema): Schema {
  const made = new Schema((value) =>
    value === undefined ? { ok: true, value } : schema.read(value),
  );
  optionals.add(made);
  return made;
}

export function object(shape: Readonly<Record<string, Schema>>): Schema {
  const parts = Object.entries(shape);
  return new Schema((value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return invalid("expected object");
    }
    const made: Record<string, unknown> = {};
    for (const [key, schema] of parts) {
      if (!(key in value) && optionals.has(schema)) continue;
      const result = within(key, schema.read((value as Record<string, unknown>)[key]));
      if (!result.ok) return result;
      made[key] = result.value;
    }
    return { ok: true, value: made };
  });
}

/** Any of the keys, each with such a value. */
export function partialRecord(keys: Schema, schema: Schema): Schema {
  return new Schema((value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return invalid("expected record");
    }
    const made: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(value)) {
      const result = within(key, keys.read(key).ok ? schema.read(item) : invalid("unknown key"));
      if (!result.ok) return result;
      made[key] = result.value;
    }
    return { ok: true, value: made };
  });
}

export function array(schema: Schema): Schema {
  return new Schema((value) => {
    if (!Array.isArray(value)) return invalid("expected array");
    const made: unknown[] = [];
    for (const [index, item] of value.entries()) {
      const result = within(index, schema.read(item));
      if (!result.ok) return result;
      made.push(result.value);
    }
    return { ok: true, value: made };
  });
}

export function union(schemas: readonly Schema[]): Schema {
  return new Schema((value) => {
    for (const schema of schemas) {
      const result = schema.read(value);
      if (result.ok) return result;
    }
    return invalid("none of the possible forms");
  });
}

type Sized = { length: number };

export const minLength = (min: number): Check => ({
  holds: ({ length }: Sized) => length >= min,
  message: `shorter than ${min}`,
});
export const maxLength = (max: number): Check => ({
  holds: ({ length }: Sized) => length <= max,
  message: `longer than ${max}`,
});
export const length = (wanted: number): Check => ({
  holds: (value: Sized) => value.length === wanted,
  message: `not ${wanted} long`,
});
export const minimum = (min: number): Check => ({
  holds: (value: number) => value >= min,
  message: `below ${min}`,
});
export const maximum = (max: number): Check => ({
  holds: (value: number) => value <= max,
  message: `above ${max}`,
});
export const regex = (pattern: RegExp): Check => ({
  holds: (value: string) => pattern.test(value),
  message: `does not match ${pattern}`,
});
export const refine = (holds: (value: never) => boolean): Check => ({
  holds,
  message: "invalid",
});

/** There is nothing to configure. */
export const config = () => {};
