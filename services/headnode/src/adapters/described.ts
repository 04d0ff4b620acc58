/** The API as reflection tells it, in the form that every client takes. */
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import descriptor, { type IDescriptorProto } from 'protobufjs/ext/descriptor.js';

const REPEATED = 3;
const MESSAGE = 11;

/** Files and all that they import. @param files paths, absolute or within `folder` */
export function describedIn(folder: string, files: readonly string[]): PackageDefinition {
  const definition = loadSync([...files], { includeDirs: [folder], keepCase: true });
  return Object.fromEntries(
    Object.entries(definition).map(([name, defined]) => {
      const { fileDescriptorProtos: files } = defined;
      if (!Array.isArray(files)) return [name, defined];
      return [name, { ...defined, fileDescriptorProtos: files.map(asCompiled) }];
    }),
  ) as PackageDefinition;
}

/**
 * A file as compilers would describe it. The library names the entry of a map after its field alone, for which clients that check
 * refuse the whole file, and leaves JSON's names and what is optional to be guessed.
 */
function asCompiled(bytes: Uint8Array): Buffer {
  const { FileDescriptorProto } = descriptor;
  const file = FileDescriptorProto.decode(bytes);
  for (const message of file.messageType) completeMessage(message);
  return Buffer.from(FileDescriptorProto.encode(file).finish());
}

function completeMessage(message: IDescriptorProto): void {
  const { nestedType = [], field: fields = [], oneofDecl = [] } = message;
  for (const nested of nestedType) {
    completeMessage(nested);
    if (nested.options?.mapEntry !== true) continue;
    const field = fields.find(
      ({ label, type, typeName }) => label === REPEATED && type === MESSAGE && typeName === nested.name,
    );
    if (field === undefined) continue;
    nested.name = `${camel(`_${field.name}`)}Entry`;
    field.typeName = nested.name;
  }
  for (const field of fields) {
    field.jsonName = camel(field.name ?? '');
    const oneof = Object.hasOwn(field, 'oneofIndex') ? oneofDecl[field.oneofIndex ?? 0]?.name : undefined;
    if (oneof === `_${field.name}`) field.proto3Optional = true;
  }
}

/** `error_counts` → `errorCounts`. */
function camel(name: string): string {
  return name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}
