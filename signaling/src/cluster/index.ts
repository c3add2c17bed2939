export { Cluster, type ClusterOptions } from "./cluster.ts";
export { SESSION_MS } from "./socket-adapter.ts";
