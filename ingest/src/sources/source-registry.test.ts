import { expect, it } from "vitest";
import type { Source } from "../source.ts";
import { type SourceKind, SourceRegistry } from "./source-registry.ts";

const kind = (form: string, change: Partial<SourceKind> = {}): SourceKind => ({
  schemes: [form.split(":")[0] ?? ""],
  form,
  summary: "for tests",
  create: (name): Source => ({ name: `${form} of ${name}`, aheadMs: 0, async *events() {} }),
  ...change,
});

it("gives an input to the kind of its scheme, whatever its case", () => {
  const registry = new SourceRegistry([kind("one://X"), kind("two:X")]);
  expect(registry.create("ONE://a").name).toBe("one://X of ONE://a");
  expect(registry.create("two:a").name).toBe("two:X of two:a");
});

it("asks several kinds of one scheme, in their order", () => {
  const registry = new SourceRegistry([
    kind("aa://1", { accepts: (input) => input === "aa://1" }),
    kind("aa://*"),
  ]);
  expect(registry.create("aa://1").name).toBe("aa://1 of aa://1");
  expect(registry.create("aa://2").name).toBe("aa://* of aa://2");
});

it("takes what has no known scheme for a path, unless it is plainly an address", () => {
  const registry = new SourceRegistry([kind("FILE", { schemes: [""] })]);
  for (const path of ["film.ts", "film: part 1.ts", "C:\\film.ts", "./a:b"]) {
    expect(registry.create(path).name).toBe(`FILE of ${path}`);
  }
  expect(() => registry.create("gopher://host")).toThrow(
    'unsupported input "gopher://host"; supported are FILE',
  );
});

it("loops only what can loop", () => {
  const registry = new SourceRegistry([kind("aa://"), kind("bb://", { canLoop: true })]);
  expect(() => registry.create("aa://", { loop: true })).toThrow(/only a file can loop/);
  expect(registry.create("bb://", { loop: true }).name).toBe("bb:// of bb://");
});

it("refuses a second kind for all of a scheme, and what is no scheme", () => {
  const registry = new SourceRegistry([kind("a1://X")]);
  expect(() => registry.register(kind("a1://Y"))).toThrow("inputs of a1: are taken by a1://X");
  expect(() => registry.register(kind("?", { schemes: ["no scheme"] }))).toThrow(TypeError);
});
