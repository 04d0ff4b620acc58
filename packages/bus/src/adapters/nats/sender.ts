/** Hands messages to a run's streams, in parts where they must be, and tells whether what is stored there is what was said. */
import type { JetStreamClient, JetStreamManager, PubAck } from '@nats-io/jetstream';
import { headers, type Msg, type NatsConnection } from '@nats-io/transport-node';
import type { WindowMessage } from '@orrery/proto';
import { encodeEnvelope, sameBytes, type Outgoing } from '../../window/index.ts';
import { splitParts } from './parts.ts';
import { isOvertaken, lastStrange } from './strange.ts';
import type { StreamNames } from './streams.ts';

/** An acknowledgement takes no longer, ms, or it was lost. */
const PUBLISH_TIMEOUT_MS = 2000;
/** Until the server has said its own, bytes. */
const PAYLOAD_BYTES_MAX = 1_048_576;
/** Room for a message's headers, bytes. */
const HEADERS_BYTES = 4096;

/** What the broker said; `unasked`: it was not asked, as a window that is stored is heard again. */
export type Sent = 'stored' | 'other' | 'unasked';

interface Part {
  item: Outgoing;
  subject: string;
  id: string;
  bytes: Uint8Array;
}

export class Sender {
  private readonly nc: NatsConnection;
  private readonly names: StreamNames;
  private readonly client: JetStreamClient;
  private readonly manager: JetStreamManager;
  /** The furthest window that was said. */
  private furthest = { epoch: 0, n: 0, id: '' };
  /** Bytes of what was said without asking and is not heard yet, by id. */
  private readonly unasked = new Map<string, Uint8Array>();

  constructor(nc: NatsConnection, names: StreamNames, client: JetStreamClient, manager: JetStreamManager) {
    this.nc = nc;
    this.names = names;
    this.client = client;
    this.manager = manager;
  }

  /** @throws Error when it may not have been stored */
  async send(item: Outgoing, replica: string): Promise<Sent> {
    const { nc, names } = this;
    const { window, boundary } = item.content;
    const kind = window === undefined ? item.stream : 'window';
    const subject =
      boundary === undefined ? `${names.prefix}.${kind}.${replica}` : `${names.prefix}.boundary`;
    const bytes = encodeEnvelope(item.content);
    const limit = nc.info?.max_payload ?? PAYLOAD_BYTES_MAX;
    if (bytes.length <= limit - HEADERS_BYTES) {
      const whole = { item, subject, id: item.id, bytes };
      return window !== undefined && this.isNew(window, item.id) ? this.say(whole) : this.ask(whole);
    }
    const asked = splitParts(item.id, bytes, limit).map((part) =>
      this.ask({ item, subject, id: `${item.id}/${part.part}`, bytes: encodeEnvelope({ part }) }),
    );
    return (await Promise.all(asked)).every((sent) => sent === 'stored') ? 'stored' : 'other';
  }

  /**
   * A window's first time is said without asking for an acknowledgement: whoever hears it from the stream knows that it is
   * stored, its sender too, and an acknowledgement for each would be a fifth of all that the broker sends.
   */
  private say({ subject, id, bytes }: Part): Sent {
    const head = headers();
    head.set('Nats-Msg-Id', id);
    this.unasked.set(id, bytes);
    this.nc.publish(subject, bytes, { headers: head });
    return 'unasked';
  }

  /** Hears a stored message of this replica. @returns undefined when no answer to it is wanted */
  heard(message: Msg): { id: string; same: boolean } | undefined {
    const id = message.headers?.get('Nats-Msg-Id') ?? '';
    const said = this.unasked.get(id);
    if (said === undefined) return undefined;
    this.unasked.delete(id);
    return { id, same: sameBytes(said, message.data) };
  }

  private async ask({ item, subject, id, bytes }: Part): Promise<Sent> {
    const { expectedLast } = item;
    const ack = await this.publish(subject, id, bytes, expectedLast).catch(async (error: unknown) => {
      if (expectedLast === undefined || !isOvertaken(error)) throw error;
      const last = await lastStrange(this.manager, this.names.windows, subject, expectedLast);
      if (last === undefined) throw error;
      return this.publish(subject, id, bytes, last);
    });
    if (!ack.duplicate || item.stream === 'records') return 'stored';
    const stored = await this.manager.direct.getMessage(this.names[item.stream], { seq: ack.seq });
    return stored === null || sameBytes(stored.data, bytes) ? 'stored' : 'other';
  }

  private publish(subject: string, id: string, bytes: Uint8Array, expectedLast?: number): Promise<PubAck> {
    const expect = expectedLast === undefined ? {} : { expect: { lastSubjectSequence: expectedLast } };
    return this.client.publish(subject, bytes, {
      msgID: id,
      timeout: PUBLISH_TIMEOUT_MS,
      retries: 1,
      ...expect,
    });
  }

  /** Whether it is said for the first time by this process: windows are numbered in the order in which they are said. */
  private isNew({ epoch, n }: WindowMessage, id: string): boolean {
    const { furthest } = this;
    if (epoch < furthest.epoch || (epoch === furthest.epoch && n <= furthest.n) || id === furthest.id)
      return false;
    this.furthest = { epoch, n, id };
    return true;
  }
}
