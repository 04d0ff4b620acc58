/**
 * Object stores, each chunk of an object stored once, however often the network says it: stored twice, it would make the
 * object unreadable for good.
 */
import { jetstream, type JetStreamClient } from '@nats-io/jetstream';
import { Objm } from '@nats-io/obj';
import { nuid, type NatsConnection } from '@nats-io/transport-node';

export function objectStores(nc: NatsConnection): Objm {
  return new Objm(storingOnce(jetstream(nc)));
}

/** The stream drops a message whose id it knows. */
function storingOnce(client: JetStreamClient): JetStreamClient {
  const publish: JetStreamClient['publish'] = (subject, payload, options) =>
    client.publish(subject, payload, { msgID: nuid.next(), ...options });
  return Object.create(client, { publish: { value: publish } }) as JetStreamClient;
}
