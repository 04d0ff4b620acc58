/** Encodes and decodes messages and facts by number; 64-bit fields are exact to 2^53 - 1. */
import './no-long.ts';
import type protobuf from 'protobufjs/minimal.js';
import { factNumbers, factTypes, messageNumbers, messageTypes } from './gen/vocabulary.ts';
import { orrery } from '../gen/codec.js';

interface Codec {
  encode(message: object, writer?: protobuf.Writer): protobuf.Writer;
  decode(bytes: Uint8Array): object;
  toObject(message: object, options: object): object;
}

const types = orrery.v1 as unknown as Record<string, Codec | undefined>;
const plain = { defaults: true, arrays: true, objects: true, oneofs: false };

function table(numbers: Readonly<Record<string, number>>, names: Readonly<Record<string, string>>): Codec[] {
  const codecs: Codec[] = [];
  for (const kind of Object.keys(numbers)) {
    const codec = types[names[kind]];
    if (codec !== undefined) codecs[numbers[kind]] = codec;
  }
  return codecs;
}

const messages = table(messageNumbers, messageTypes);
const facts = table(factNumbers, factTypes);

function decode(codec: Codec | undefined, what: string, number: number, bytes: Uint8Array): object {
  if (codec === undefined) throw new RangeError(`no ${what} has number ${number}`);
  return dropNulls(codec.toObject(codec.decode(bytes), plain)) as object;
}

/** An absent sub-message is left out, as the vocabulary's types have it. */
function dropNulls(value: unknown): unknown {
  if (Array.isArray(value)) {
    for (const item of value) dropNulls(item);
  } else if (value !== null && typeof value === 'object' && !(value instanceof Uint8Array)) {
    const fields = value as Record<string, unknown>;
    for (const key of Object.keys(fields)) {
      if (fields[key] === null) delete fields[key];
      else dropNulls(fields[key]);
    }
  }
  return value;
}

/** Protobuf bytes of a message payload. @param number the message kind's number */
export function encodeMessage(number: number, payload: object): Uint8Array {
  return messages[number].encode(payload).finish();
}

/** @throws RangeError on an unknown number; Error on malformed bytes */
export function decodeMessage(number: number, bytes: Uint8Array): object {
  return decode(messages[number], 'message', number, bytes);
}

/** Protobuf bytes of a fact's payload. @param number the fact kind's number */
export function encodeFact(number: number, payload: object): Uint8Array {
  return facts[number].encode(payload).finish();
}

/** @throws RangeError on an unknown number; Error on malformed bytes */
export function decodeFact(number: number, bytes: Uint8Array): object {
  return decode(facts[number], 'fact', number, bytes);
}

/** What a message's payload is after its way over the wire. */
export function codecRoundTrip(number: number, payload: object): object {
  return decodeMessage(number, encodeMessage(number, payload));
}

/** Protobuf bytes of a message type by its name: what requests and answers of the control API are. */
export function encodeAs(typeName: string, message: object): Uint8Array {
  return codecOf(typeName).encode(message).finish();
}

/** A message with every field there, as the vocabulary's types have it. @throws Error on malformed bytes */
export function decodeAs(typeName: string, bytes: Uint8Array): object {
  return decode(codecOf(typeName), typeName, 0, bytes);
}

/** Codec of any message type of the package orrery.v1 by its name, for logs and transports. */
export function codecOf(typeName: string): Codec {
  const codec = types[typeName];
  if (codec === undefined) throw new RangeError(`orrery.v1 has no message ${typeName}`);
  return codec;
}
