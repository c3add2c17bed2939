const SECRET_PARAMETER = /pass|pwd|secret|token|key|auth|sig|streamid/i;
const MASK = "***";

/**
 * What may be told of an input: its passwords, tokens and stream keys are for nobody's log. Text
 * that is no URL stays as it is.
 */
export function maskSecrets(input: string): string {
  return secretsOf(input).reduce((text, secret) => text.replaceAll(secret, MASK), input);
}

/** The secrets in an input, as written in it and decoded, the longest first. */
export function secretsOf(input: string): string[] {
  const url = URL.canParse(input) ? new URL(input) : undefined;
  if (url === undefined) return [];
  const secrets = [url.password];
  for (const [name, value] of url.searchParams) {
    if (SECRET_PARAMETER.test(name)) secrets.push(value, encodeURIComponent(value));
  }
  // Of RTMP the last part of the path is the stream key.
  if (/^rtmps?:$/.test(url.protocol)) secrets.push(url.pathname.split("/").slice(2).join("/"));
  const found = new Set(secrets.flatMap((secret) => [secret, decoded(secret)]));
  return [...found].filter((secret) => secret !== "").sort((a, b) => b.length - a.length);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
