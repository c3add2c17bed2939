import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { validate } from "dockerfile-utils";
import { afterAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { createProgram } from "../cli/src/program.ts";
import { ensureTool } from "../scripts/ensure-tool.mjs";
import { TestTracker } from "../signaling/src/testing/test-tracker.ts";
import { createMetrics } from "../signaling/src/tracker-metrics.ts";
import { composeFile, ROOT, read } from "./compose-file.ts";

const folder = mkdtempSync(join(tmpdir(), "livemesh-deploy-"));
afterAll(() => rmSync(folder, { recursive: true }));

const nginx = ensureTool("nginx");
const has = (tool: string) => spawnSync("which", [tool]).status === 0;

/** The command line is understood, to the last option; nothing is started. */
async function expectUnderstood(args: readonly string[]): Promise<void> {
  const called: string[] = [];
  const note = (name: string) => async () => {
    called.push(name);
  };
  const commands = {
    serve: note("serve"),
    tracker: note("tracker"),
    ingest: note("ingest"),
    peer: note("peer"),
    swarm: note("swarm"),
    token: note("token"),
  };
  await createProgram(commands).parseAsync([...args], { from: "user" });
  expect(called).toEqual([args[0]]);
}

function yamlFiles(path: string): string[] {
  return readdirSync(new URL(path, ROOT), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => `${path}${name}`);
}

describe("the image", () => {
  const dockerfile = read("Dockerfile");
  const exec = (instruction: string): string[] =>
    JSON.parse(new RegExp(`^${instruction} (\\[.*\\])$`, "m").exec(dockerfile)?.[1] ?? "[]");

  it("has a Dockerfile without a complaint of its linter", () => {
    expect(validate(dockerfile).map(({ message }) => message)).toEqual([]);
  });

  it("is built in stages, and runs as nobody special, with a health check", () => {
    expect(dockerfile.match(/^FROM /gm)).toHaveLength(2);
    expect(dockerfile).toMatch(/^USER node$/m);
    expect(dockerfile).toMatch(/^HEALTHCHECK /m);
  });

  it("copies what is there", () => {
    for (const [, path = ""] of dockerfile.matchAll(/^COPY --from=build \/app\/(\S+)/gm)) {
      const isMade = path === "node_modules" || path === "dist";
      expect(isMade || existsSync(new URL(path, ROOT)), path).toBe(true);
    }
  });

  it("starts with a command that exists", async () => {
    expect(exec("ENTRYPOINT")).toEqual(["node", "bin/livemesh.js"]);
    await expectUnderstood(exec("CMD"));
  });

  it("finds out with its health check whether the process is alive", async () => {
    const line = /HEALTHCHECK[^\n]*\n {2}CMD (\[.*\])$/m.exec(dockerfile)?.[1] ?? "[]";
    const [program = "", ...args] = JSON.parse(line) as string[];
    const server = await TestTracker.start();
    const at = (port: string) => args.map((arg) => arg.replace("9464", port));
    const { port } = new URL(server.url);
    const { spawn } = await import("node:child_process");
    const run = (list: string[]) =>
      new Promise((resolve) => spawn(program, list).once("exit", resolve));
    expect(await run(at(port))).toBe(0);
    await server.stop();
    expect(await run(at(port))).toBe(1);
  });
});

describe("compose.yaml", () => {
  const compose = composeFile();
  const services = Object.entries(compose.services);

  it("has two trackers, Redis, nginx, coturn, Prometheus and Grafana", () => {
    const names = ["tracker-1", "tracker-2", "redis", "nginx", "coturn", "prometheus", "grafana"];
    expect(Object.keys(compose.services)).toEqual(expect.arrayContaining(names));
  });

  it.each(services.filter(([, { image }]) => image === "livemesh"))(
    "runs %s with a command that exists",
    async (_name, { command = [] }) => {
      await expectUnderstood(command.map((word) => word.replace(/\$\{\w+:-([^}]*)\}/g, "$1")));
    },
  );

  it("names only files, secrets, networks, volumes and services there are", () => {
    for (const [name, service] of services) {
      for (const volume of service.volumes ?? []) {
        const [source = ""] = volume.split(":");
        const isThere = source.startsWith("./")
          ? existsSync(new URL(source, ROOT))
          : Object.hasOwn(compose.volumes, source);
        expect(isThere, `${name}: ${source}`).toBe(true);
      }
      for (const secret of service.secrets ?? []) expect(compose.secrets).toHaveProperty(secret);
      for (const network of service.networks ?? [])
        expect(compose.networks).toHaveProperty(network);
      const needed = service.depends_on ?? [];
      for (const other of Array.isArray(needed) ? needed : Object.keys(needed)) {
        expect(compose.services).toHaveProperty(other);
      }
    }
    const made = read("deploy/make-secrets.sh");
    for (const name of Object.keys(compose.secrets)) expect(made).toContain(name);
  });

  it("has secrets made by a script that shells understand", () => {
    const script = fileURLToPath(new URL("deploy/make-secrets.sh", ROOT));
    expect(spawnSync("sh", ["-n", script]).status).toBe(0);
  });
});

describe("configuration files", () => {
  it.each([...yamlFiles("deploy/"), "compose.yaml"])("are YAML without a warning: %s", (path) => {
    for (const document of parseAllDocuments(read(path), { merge: true })) {
      if (!("errors" in document)) continue;
      expect([...document.errors, ...document.warnings].map(({ message }) => message)).toEqual([]);
    }
  });

  it.skipIf(nginx === undefined)("are taken by nginx itself", () => {
    const file = join(folder, "nginx.conf");
    // Names that only the containers' network knows.
    const text = read("deploy/nginx/nginx.conf").replace(/tracker-\d:8080/g, "127.0.0.1:8080");
    writeFileSync(file, text.replace("/tmp/livemesh-nginx.pid", join(folder, "nginx.pid")));
    const { stderr, status } = spawnSync(nginx ?? "", ["-t", "-c", file], { encoding: "utf8" });
    expect(stderr).toMatch(/test is successful/);
    expect(status).toBe(0);
  });

  it.skipIf(!has("systemd-analyze"))(
    "are taken by systemd, and start a command that exists",
    async () => {
      const unit = read("deploy/systemd/livemesh-tracker.service");
      const file = join(folder, "livemesh-tracker.service");
      writeFileSync(file, unit.replace("/usr/bin/node", process.execPath));
      const { stderr } = spawnSync("systemd-analyze", ["verify", file], { encoding: "utf8" });
      expect(stderr.split("\n").filter((line) => line.includes("livemesh"))).toEqual([]);
      const [, command = ""] = /^ExecStart=\S+ bin\/livemesh\.js (.*)$/m.exec(unit) ?? [];
      await expectUnderstood(command.split(" "));
    },
  );

  it("give Kubernetes pods a command that exists, probes, limits and no root", async () => {
    const documents = parseAllDocuments(read("deploy/kubernetes/tracker.yaml"));
    const [deployment] = documents.map((document) => document.toJS());
    const { containers, securityContext } = deployment.spec.template.spec;
    const [container] = containers;
    await expectUnderstood(container.args);
    expect(securityContext.runAsNonRoot).toBe(true);
    expect(container.readinessProbe.httpGet.path).toBe("/readyz");
    expect(container.livenessProbe.httpGet.path).toBe("/healthz");
    expect(container.resources.limits.memory).toBeDefined();
    const drainSec = Number(container.args.join(" ").match(/--drain=(\d+)/)?.[1]);
    expect(deployment.spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(
      drainSec + 5,
    );
  });

  it.skipIf(!has("kubectl"))("are put together by kustomize", () => {
    const path = fileURLToPath(new URL("deploy/kubernetes", ROOT));
    const { stdout, status } = spawnSync("kubectl", ["kustomize", path], { encoding: "utf8" });
    expect(status).toBe(0);
    expect(stdout.match(/^kind: /gm)?.length).toBe(6);
  });
});

describe("dashboards and alerts", () => {
  /** Names in what Prometheus is asked. */
  const namesIn = (text: string) =>
    [...text.matchAll(/\b(?:livemesh|nodejs|process)_\w+/g)].map(String);

  it("ask only for metrics that some process has", async () => {
    const server = await TestTracker.start({ metrics: createMetrics() });
    const tracker = await (await fetch(`${server.url}/metrics`)).text();
    await server.stop();
    const elsewhere = ["ingest/src/ingest-metrics.ts", "signaling/src/tracker-metrics.ts"].map(
      read,
    );
    const known = [tracker, ...elsewhere].join("\n");
    const boards = readdirSync(new URL("deploy/grafana/dashboards/", ROOT));
    const asking = [
      read("deploy/prometheus/rules.yml"),
      ...boards.map((name) => read(`deploy/grafana/dashboards/${name}`)),
    ];
    const names = new Set(
      asking.flatMap(namesIn).map((name) => name.replace(/_(bucket|sum|count)$/, "")),
    );
    expect(names.size).toBeGreaterThan(15);
    for (const name of names) expect(known).toContain(name);
    for (const name of boards) JSON.parse(read(`deploy/grafana/dashboards/${name}`));
  });

  it("use rules there are", () => {
    const rules = read("deploy/prometheus/rules.yml");
    for (const name of readdirSync(new URL("deploy/grafana/dashboards/", ROOT))) {
      const text = read(`deploy/grafana/dashboards/${name}`);
      for (const [rule] of text.matchAll(/livemesh:[\w:]+/g))
        expect(rules).toContain(`record: ${rule}`);
    }
  });
});
