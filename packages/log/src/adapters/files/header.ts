/** The header file: a mark, a length, a CRC-32C, and the header's protobuf. It is put in place before the first event. */
import type { LogHeader } from '@orrery/proto';
import { codecOf } from '@orrery/proto/codec';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { crc32c } from '../../crc32c.ts';
import { damaged, LogError } from '../../errors.ts';
import { foldBytes, newHash, type Hash64 } from '../../hash64.ts';
import { formatVersion } from '../../log.ts';
import { access, isSystemError, putFile, readWhole } from './io.ts';

export const headerFile = 'header.bin';
const mark = new TextEncoder().encode('ORRERYLG');
const prefixBytes = 16;
const headerCodec = codecOf('LogHeader');

/** Writes the header and gives the chain's first link. @throws LogError ORRERY_LOG_IO */
export function writeHeader(folder: string, header: LogHeader, sync: boolean): Hash64 {
  const body = headerCodec.encode(header).finish();
  const bytes = new Uint8Array(prefixBytes + body.length);
  const view = new DataView(bytes.buffer);
  bytes.set(mark);
  view.setUint32(8, body.length, true);
  view.setUint32(12, crc32c(body), true);
  bytes.set(body, prefixBytes);
  putFile(join(folder, headerFile), bytes, sync);
  return firstLink(body);
}

/**
 * Reads the header, of any format this release understands.
 * @throws LogError ORRERY_LOG_NOT_FOUND, ORRERY_LOG_DAMAGED, ORRERY_LOG_VERSION, ORRERY_LOG_IO
 */
export function readHeader(folder: string): { header: LogHeader; chain: Hash64 } {
  const bytes = readWhole(join(folder, headerFile));
  if (bytes === undefined) {
    if (holdsLogFiles(folder)) throw damaged(headerFile, 0, 'the file is missing');
    throw new LogError('ORRERY_LOG_NOT_FOUND', folder, { file: headerFile });
  }
  if (bytes.length < prefixBytes) throw damaged(headerFile, bytes.length, 'the file is too short');
  for (let i = 0; i < mark.length; i++) {
    if (bytes[i] !== mark[i]) throw damaged(headerFile, i, 'the file does not start as a log header');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = view.getUint32(8, true);
  const body = bytes.subarray(prefixBytes);
  if (length !== body.length)
    throw damaged(headerFile, 8, `${length} bytes were written, ${body.length} are there`);
  if (crc32c(body) !== view.getUint32(12, true)) {
    throw damaged(headerFile, prefixBytes, 'the header does not match its CRC-32C');
  }
  const header = decodeHeader(body);
  requireReadable(header);
  return { header, chain: firstLink(body) };
}

/** Whether the folder has any file that only a log has. */
export function holdsLogFiles(folder: string): boolean {
  try {
    return readdirSync(folder).some((name) => name === headerFile || name.startsWith('segment-'));
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return false;
    return access(folder, () => {
      throw error;
    });
  }
}

function decodeHeader(body: Uint8Array): LogHeader {
  try {
    const raw = headerCodec.decode(body) as LogHeader;
    return {
      format: raw.format,
      compatible: raw.compatible,
      engine: raw.engine,
      runId: raw.runId,
      seed: raw.seed,
      specJson: new Uint8Array(raw.specJson),
      createdAt: raw.createdAt,
      nodeVersion: raw.nodeVersion,
    };
  } catch {
    throw damaged(headerFile, prefixBytes, 'the header is no protobuf');
  }
}

function requireReadable(header: LogHeader): void {
  if (header.compatible <= formatVersion) return;
  const detail = `it needs a reader of format ${header.compatible}, this release reads format ${formatVersion}`;
  const fields = { file: headerFile, found: `${header.compatible}`, needed: `${formatVersion}` };
  throw new LogError('ORRERY_LOG_VERSION', detail, fields);
}

function firstLink(body: Uint8Array): Hash64 {
  const chain = newHash();
  foldBytes(chain, body);
  return chain;
}
