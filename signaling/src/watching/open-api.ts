import * as z from "zod/mini";
import type { ControlRoute } from "./control-routes.ts";

type Json = Record<string, unknown>;

const errorSchema = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** The API as OpenAPI 3.1 describes it, made from what the API itself checks with. */
export function openApi(routes: readonly ControlRoute[], prefix: string): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = prefix + route.path.replace(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "livemesh control API",
      version: "1",
      description: "What the dashboard and `livemesh ctl` do. Fields are added, never changed.",
    },
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
    },
    security: [{ token: [] }],
    paths,
  };
}

function operation({ id, summary, path, query = {}, body, answer }: ControlRoute): Json {
  const inPath = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const inQuery = Object.entries(query).map(([name, schema]) => ({
    name,
    in: "query",
    required: false,
    schema: jsonSchema(schema),
  }));
  const media =
    answer === undefined
      ? { "text/csv": { schema: { type: "string" } } }
      : { "application/json": { schema: jsonSchema(answer) } };
  return {
    operationId: id,
    summary,
    parameters: [...inPath, ...inQuery],
    ...(body !== undefined && {
      requestBody: {
        required: true,
        content: { "application/json": { schema: jsonSchema(body, "input") } },
      },
    }),
    responses: {
      200: { description: "done", content: media },
      default: {
        description: "not done, and why",
        content: { "application/json": { schema: jsonSchema(errorSchema) } },
      },
    },
  };
}

function jsonSchema(schema: z.ZodMiniType, io: "input" | "output" = "output"): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io }) as Json;
  return rest;
}
