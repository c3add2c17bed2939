import type { Plugin } from "vite";

export function compressedCopies(): Plugin;
