/** What is wrong with a scenario, in one line that names the place. */
export class ScenarioError extends Error {
  override readonly name = "ScenarioError";
}

/** Looks at a value from outside. @throws {ScenarioError} When it is not what it must be. */
export type Shape = (value: unknown, path: string) => void;

export function number(min: number, max: number): Shape {
  return (value, path) => {
    if (typeof value === "number" && value >= min && value <= max) return;
    refuse(path, `a number from ${min} to ${max}`, value);
  };
}

export function integer(min: number, max: number): Shape {
  return (value, path) => {
    if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return;
    refuse(path, `a whole number from ${min} to ${max}`, value);
  };
}

export const share: Shape = number(0, 1);
export const timeMs: Shape = number(0, 86_400_000);

export const text: Shape = (value, path) => {
  if (typeof value !== "string" || value === "") refuse(path, "a text", value);
};

export function oneOf(words: readonly string[]): Shape {
  return (value, path) => {
    if (!words.includes(value as string)) refuse(path, `one of ${words.join(", ")}`, value);
  };
}

export function list(item: Shape): Shape {
  return (value, path) => {
    if (!Array.isArray(value)) return refuse(path, "a list", value);
    value.forEach((entry, i) => {
      item(entry, `${path}[${i}]`);
    });
  };
}

/** An object with these fields and no others. */
export function object(fields: Record<string, Shape>, presence: "all" | "some" = "all"): Shape {
  return (value, path) => {
    const entries = entriesOf(value, path);
    const known = Object.keys(fields);
    for (const [name, entry] of entries) {
      const shape = fields[name];
      if (shape === undefined) {
        throw new ScenarioError(`${at(path, name)} is unknown; there are ${known.join(", ")}`);
      }
      shape(entry, at(path, name));
    }
    const missing = known.find((name) => !entries.has(name));
    if (presence === "all" && missing !== undefined) {
      throw new ScenarioError(`${at(path, missing)} is missing`);
    }
  };
}

/** One of several objects, told apart by its `type`. */
export function variants(shapes: Record<string, Record<string, Shape>>): Shape {
  return (value, path) => {
    const type = entriesOf(value, path).get("type");
    oneOf(Object.keys(shapes))(type, at(path, "type"));
    object({ type: text, ...shapes[type as string] })(value, path);
  };
}

function entriesOf(value: unknown, path: string): Map<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return new Map(Object.entries(value));
  }
  return refuse(path, "an object", value);
}

function at(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function refuse(path: string, wanted: string, got: unknown): never {
  throw new ScenarioError(`${path || "a scenario"} must be ${wanted}, got ${JSON.stringify(got)}`);
}
