/** The bus over NATS JetStream. */
export { connectNats, natsBus, type NatsOptions } from './nats-bus.ts';
export { createStreams, deleteStreams, namesOf, type StreamLimits, type StreamNames } from './streams.ts';
