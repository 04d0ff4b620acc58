/**
 * Cuts one direction of a NATS client connection into its frames, and says which of them carry a message.
 * Whatever is not a message (INFO, CONNECT, SUB, PING, …) is one line.
 */

export interface Frame {
  /** Subject of a message; undefined: a line of the protocol itself. */
  readonly subject: string | undefined;
  /** All of it, with every line end. */
  readonly bytes: Buffer;
}

const CRLF = Buffer.from('\r\n');
/** Operations that carry a payload; its length is the line's last word. */
const withPayload = /^(?:PUB|HPUB|MSG|HMSG) /i;

export class FrameReader {
  private rest: Buffer = Buffer.alloc(0);

  /** Takes what came in. @returns the frames that are whole now */
  add(chunk: Buffer): Frame[] {
    this.rest = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const frames: Frame[] = [];
    for (let frame = this.next(); frame !== undefined; frame = this.next()) frames.push(frame);
    return frames;
  }

  private next(): Frame | undefined {
    const lineEnd = this.rest.indexOf(CRLF);
    if (lineEnd < 0) return undefined;
    const line = this.rest.subarray(0, lineEnd).toString('latin1');
    const [, subject, ...words] = line.trimEnd().split(/\s+/);
    const carries = withPayload.test(line);
    const length = lineEnd + CRLF.length + (carries ? Number(words.at(-1)) + CRLF.length : 0);
    if (!Number.isSafeInteger(length)) throw new RangeError(`no frame of NATS: ${line}`);
    if (this.rest.length < length) return undefined;
    const bytes = Buffer.from(this.rest.subarray(0, length));
    this.rest = this.rest.subarray(length);
    return { subject: carries ? subject : undefined, bytes };
  }
}
