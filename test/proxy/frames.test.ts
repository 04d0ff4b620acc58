import { expect, test } from 'vitest';
import { FrameReader } from './frames.ts';

const sent = [
  { subject: undefined, text: 'INFO {"max_payload":1048576}\r\n' },
  { subject: undefined, text: 'CONNECT {"verbose":false}\r\n' },
  { subject: undefined, text: 'SUB run.heard.> 1\r\n' },
  { subject: 'run.window.net', text: 'PUB run.window.net 11\r\nhello\r\nPING\r\n' },
  { subject: 'run.facts', text: 'HPUB run.facts _INBOX.a.1 12 17\r\nNATS/1.0\r\n\r\nhello\r\n' },
  { subject: 'run.heard.net', text: 'MSG run.heard.net 1 0\r\n\r\n' },
  { subject: '_INBOX.a.1', text: 'HMSG _INBOX.a.1 2 12 12\r\nNATS/1.0\r\n\r\n\r\n' },
  { subject: undefined, text: 'PING\r\n' },
  { subject: undefined, text: "-ERR 'Slow Consumer'\r\n" },
];

test('frames are what was sent, however the stream is cut', () => {
  const whole = Buffer.from(sent.map(({ text }) => text).join(''));
  for (const size of [1, 2, 7, 64, whole.length]) {
    const reader = new FrameReader();
    const frames = [];
    for (let from = 0; from < whole.length; from += size)
      frames.push(...reader.add(whole.subarray(from, from + size)));
    expect(frames.map(({ subject, bytes }) => ({ subject, text: bytes.toString() }))).toEqual(sent);
  }
});

test('what is no frame is refused', () => {
  expect(() => new FrameReader().add(Buffer.from('PUB subject many\r\n'))).toThrow('no frame of NATS');
});
