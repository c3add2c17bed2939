/**
 * Path of a Chromium that starts, or undefined.
 * @throws {Error} When `LIVEMESH_CHROMIUM` is set and does not start.
 */
export function findBrowser(): Promise<string | undefined>;

/**
 * Path of a Chromium that starts, installed if need be.
 * @param say Gets one line on what was found or done.
 * @throws {Error} When there is none and none could be installed.
 */
export function ensureBrowser(say: (line: string) => void): Promise<string>;
