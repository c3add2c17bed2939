/** `livemesh/mesh`: the engine, and what strategies of one's own are made of. Players have the first alone. */
export * from "./index.ts";
export * from "./treeless/index.ts";
export { Treeless } from "./treeless/treeless.ts";
