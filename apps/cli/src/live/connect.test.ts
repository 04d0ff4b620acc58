import { status, Metadata, type ServiceError } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import type { Refusal } from '../exit.ts';
import { refusalOf } from './connect.ts';

function failed(code: status, details: string): ServiceError {
  return Object.assign(new Error(details), { code, details, metadata: new Metadata() });
}

const unavailable = (last: string): unknown =>
  refusalOf(
    failed(status.UNAVAILABLE, `No connection established. Last error: ${last}. Resolution note: `),
    'dc:7447',
  );

test('a datacenter that cannot be reached is told from one that is not there', () => {
  expect(unavailable('Error: connect ECONNREFUSED 127.0.0.1:7447')).toMatchObject({
    message: 'dc:7447: nobody answers (is "orrery up" running?)',
  });
  expect(unavailable('Error: self-signed certificate')).toMatchObject({
    message: 'dc:7447: no connection: self-signed certificate',
  });
  expect(unavailable('Failed to connect (2026-11-23T02:51:14.050Z)')).toMatchObject({
    message: 'dc:7447: no connection: Failed to connect',
  });
});

test('what the datacenter refuses is a wrong command line; what it cannot do now is not', () => {
  const codes = [status.NOT_FOUND, status.INVALID_ARGUMENT, status.UNAUTHENTICATED, status.INTERNAL];
  const exits = codes.map((code) => (refusalOf(failed(code, 'why'), 'dc:7447') as Refusal).exitCode);
  expect(exits).toEqual([2, 2, 2, 1]);
});
