/** `HOST:PORT`, and whether the host is this machine only. */
export function parseListen(text: string): { host: string; port: number; loopback: boolean } {
  const match = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (match === null || port > 65_535)
    throw new TypeError(`expected HOST:PORT (for instance 127.0.0.1:7447), found "${text}"`);
  const host = match[1] as string;
  return { host, port, loopback: host === 'localhost' || host === '[::1]' || /^127\.[0-9.]+$/.test(host) };
}

/**
 * Checks where a control API is to answer. Beyond this machine it needs a token.
 * @throws TypeError
 */
export function checkListen(text: string, token: string | undefined): ReturnType<typeof parseListen> {
  const place = parseListen(text);
  if (!place.loopback && token === undefined)
    throw new TypeError(`${text}: a token is needed to listen beyond loopback`);
  return place;
}
