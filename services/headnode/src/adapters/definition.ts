/** The service Control as gRPC wants it described, over the shared codec. */
import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import { controlMethods, type ControlMethods } from '@orrery/proto';
import { decodeAs, encodeAs } from '@orrery/proto/codec';

export type MethodName = keyof ControlMethods;
export type RequestOf<M extends MethodName> = ControlMethods[M]['request'];
export type ResponseOf<M extends MethodName> = ControlMethods[M]['response'];

/** A request as it came: bytes that are no such message are told apart, so that the caller gets the right status. */
export type Received = { ok: true; value: object } | { ok: false; message: string };

/** An answer that is encoded already. */
export type Sent = object | { readonly encoded: readonly Uint8Array[] };

export const serviceName = 'orrery.v1.Control';

function receive(type: string, bytes: Uint8Array): Received {
  try {
    const value = decodeAs(type, bytes);
    const wrong = unsafeField(value);
    return wrong === undefined
      ? { ok: true, value }
      : { ok: false, message: `${wrong} is larger than 2^53 - 1` };
  } catch (error) {
    return { ok: false, message: `not a ${type}: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** Name of a number that lost bits on its way. */
function unsafeField(value: object): string | undefined {
  for (const [name, field] of Object.entries(value)) {
    if (typeof field === 'number' && Number.isInteger(field) && !Number.isSafeInteger(field)) return name;
    if (field !== null && typeof field === 'object' && !(field instanceof Uint8Array)) {
      const inner = unsafeField(field as object);
      if (inner !== undefined) return `${name}.${inner}`;
    }
  }
  return undefined;
}

function send(type: string, value: Sent): Buffer {
  if ('encoded' in value) return Buffer.concat(value.encoded);
  return Buffer.from(encodeAs(type, value));
}

function method(name: MethodName): MethodDefinition<object, object> {
  const { path, request, response, stream } = controlMethods[name];
  return {
    path,
    requestStream: false,
    responseStream: stream,
    requestSerialize: (value) => Buffer.from(encodeAs(request, value)),
    requestDeserialize: (bytes) => receive(request, bytes),
    responseSerialize: (value) => send(response, value),
    responseDeserialize: (bytes) => decodeAs(response, bytes),
  };
}

export const controlDefinition = Object.fromEntries(
  (Object.keys(controlMethods) as MethodName[]).map((name) => [name, method(name)]),
) as ServiceDefinition;
