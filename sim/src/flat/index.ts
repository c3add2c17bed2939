export { runFlat } from "./run-flat.ts";
