/** Bearer tokens: asked of every call but a health check. */
import { timingSafeEqual } from 'node:crypto';
import {
  Metadata,
  ResponderBuilder,
  ServerInterceptingCall,
  ServerListenerBuilder,
  status,
  type ServerInterceptor,
} from '@grpc/grpc-js';

const OPEN = '/grpc.health.v1.Health/';

export function requireToken(token: string): ServerInterceptor {
  const expected = Buffer.from(token);
  return (method, call) => {
    if (method.path.startsWith(OPEN)) return new ServerInterceptingCall(call);
    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata((metadata, next) => {
        const [given] = metadata.get('authorization');
        const brought = /^bearer +(.*)$/is.exec(given?.toString() ?? '')?.[1];
        if (brought !== undefined && same(Buffer.from(brought), expected)) return next(metadata);
        const details =
          brought === undefined
            ? 'a bearer token is needed: authorization: Bearer …'
            : 'the bearer token is not the one of this run';
        call.sendStatus({ code: status.UNAUTHENTICATED, details, metadata: new Metadata() });
      })
      .build();
    const responder = new ResponderBuilder().withStart((next) => next(listener)).build();
    return new ServerInterceptingCall(call, responder);
  };
}

function same(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
