/** As the server has it. */
const KEY_FORM = /^[A-Za-z0-9_-]{8,100}$/;

/**
 * Where a publish key's WebSocket is.
 * @param server As somebody typed it: an address with or without a scheme, or all of
 * `https://live.example.org/publish/KEY`. Empty for `own`.
 * @param own The server of this page: `https://live.example.org`.
 * @throws {TypeError} In one line for people, when it is none.
 */
export function publishAddress(server: string, key: string, own: string): string {
  const typed = server.trim() === "" ? own : server.trim();
  const isLocal = /^(localhost|127\.|\[::1\])/.test(typed);
  const address = /^[a-z]+:\/\//i.test(typed) ? typed : `${isLocal ? "http" : "https"}://${typed}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^(https?|wss?):$/.test(url.protocol)) {
    throw new TypeError("This is no address of a server, like https://live.example.org");
  }
  const inside = /\/publish\/([^/]+)\/?$/.exec(url.pathname);
  const keyUsed = key.trim() || inside?.[1] || "";
  if (!KEY_FORM.test(keyUsed)) {
    throw new TypeError("The publish key is missing: 8 to 100 letters, digits, _ and -");
  }
  const path = url.pathname.slice(0, inside?.index ?? url.pathname.length).replace(/\/+$/, "");
  const scheme = /s:$/.test(url.protocol) ? "wss" : "ws";
  return `${scheme}://${url.host}${path}/publish/${keyUsed}`;
}
