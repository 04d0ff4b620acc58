import { afterEach, describe, expect, test } from 'vitest';
import { exitCodeOf, parseCommandLine, type Settings } from './command-line.ts';

const before = { ...process.env };
afterEach(() => {
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
});

function refused(...args: string[]): { code: number; text: string } {
  let text = '';
  try {
    parseCommandLine(args, (printed) => (text += printed));
  } catch (error) {
    return { code: exitCodeOf(error), text };
  }
  throw new Error('it was taken');
}

function taken(...args: string[]): Settings {
  return parseCommandLine(args, () => undefined);
}

test('a service is named for where it is, and found by flags or environment', () => {
  expect(taken('net')).toMatchObject({
    replica: 'net',
    adopts: true,
    natsUrl: '127.0.0.1:4222',
    http: undefined,
  });
  process.env.ORRERY_NATS_URL = 'ann:secret@one:4222,tls://two:4222';
  process.env.ORRERY_HTTP_PORT = '0';
  process.env.ORRERY_REPLICA = 'fma-7';
  const settings = taken('fma', '--http-host', '::1');
  expect(settings).toMatchObject({ replica: 'fma-7', adopts: false, http: { host: '::1', port: 0 } });
  expect(settings.natsUrl).toBe('one:4222,tls://two:4222');
  expect(settings.nats).toMatchObject({ servers: ['one:4222', 'two:4222'], tls: {} });
  expect(settings.nats.authenticator).toBeDefined();
});

describe('what is wrong is refused with the flag, what was found and what is allowed', () => {
  test.each([
    [['nets'], /'nets' is invalid .* Allowed choices are compute-node, storage, net, fma, headnode, tracer/],
    [[], /missing required argument 'name'/],
    [['net', '--replica', 'x'], /--replica: net runs in one replica, which is named net, found "x"/],
    [['fma', '--replica', 'a.b'], /--replica: expected 1 to 63 letters, digits, - and _, found "a.b"/],
    [
      ['fma', '--http-port', '70000'],
      /--http-port <port>' argument '70000' is invalid. Expected a port from 0/,
    ],
    [['fma', '--nats', 'http://x'], /--nats: expected host:port or nats:\/\/host:port, found "http:\/\/x"/],
    [['fma', '--run', '../x'], /--run <id>' argument '..\/x' is invalid. Expected 1 to 63 letters/],
    [
      ['fma', '--nats-creds-file', '/none'],
      /--nats-creds-file: expected a file that can be read, found "\/none"/,
    ],
    [
      ['fma', '--nats-user', 'a', '--nats-nkey-file', 'b'],
      /--nats-user and --nats-nkey-file: expected one of them/,
    ],
    [['fma', '--log-level', 'loud'], /'loud' is invalid. Allowed choices are trace, debug, info/],
  ])('%j', (args, text) => {
    const { code, text: printed } = refused(...args);
    expect(code).toBe(2);
    expect(printed.replace(/\s+/g, ' ')).toMatch(text);
  });

  test('in the environment too', () => {
    process.env.ORRERY_HTTP_PORT = 'x';
    expect(refused('fma').text).toContain("value 'x' from env 'ORRERY_HTTP_PORT' is invalid");
  });
});
