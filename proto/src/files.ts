/** Folder of the .proto files, `orrery/v1/…` below it: for server reflection. */
export const protoFolder = decodeURIComponent(new URL('..', import.meta.url).pathname);
