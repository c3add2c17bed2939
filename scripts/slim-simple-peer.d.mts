import type { Plugin } from "vite";

export function slimSimplePeer(): Plugin;
