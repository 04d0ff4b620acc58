import { protoPath as healthProto } from 'grpc-health-check';
import descriptor, { type IDescriptorProto } from 'protobufjs/ext/descriptor.js';
import { expect, test } from 'vitest';
import { protoFolder } from '@orrery/proto/files';
import { describedIn } from './described.ts';

const names = ['orrery/v1/control.proto', 'google/rpc/error_details.proto', healthProto];
const messages = new Map<string, IDescriptorProto>();
for (const { fileDescriptorProtos } of Object.values(describedIn(protoFolder, names)))
  for (const bytes of Array.isArray(fileDescriptorProtos) ? fileDescriptorProtos : [])
    for (const message of descriptor.FileDescriptorProto.decode(bytes).messageType)
      messages.set(message.name!, message);

test('maps have entries by the name that a compiler gives them', () => {
  const maps = [...messages.values()].flatMap((message) =>
    (message.nestedType ?? []).filter(({ options }) => options?.mapEntry === true).map(({ name }) => name),
  );
  expect(maps).toEqual(expect.arrayContaining(['ParamsEntry', 'StatusesEntry']));
  for (const name of maps) expect(name).toMatch(/^[A-Z][A-Za-z0-9]*Entry$/);
  const params = messages.get('InjectFaultRequest')!.field!.find(({ name }) => name === 'params');
  expect(params).toMatchObject({ typeName: 'ParamsEntry', label: 3, type: 11 });
});

test('fields have their names of the file and of JSON, and are optional where they were written so', () => {
  const fieldOf = (message: string, name: string) =>
    messages.get(message)!.field!.find((field) => field.name === name)!;
  expect(fieldOf('InjectFaultRequest', 'request_id')).toMatchObject({ jsonName: 'requestId', number: 1 });
  expect(fieldOf('QuestionRequest', 'at').proto3Optional).toBe(true);
  expect(fieldOf('QuestionRequest', 'seeds').proto3Optional ?? false).toBe(false);
});

test('what a refusal carries is described', () => {
  expect(messages.get('BadRequest')?.field?.[0]).toMatchObject({ name: 'field_violations', number: 1 });
});
