/** Refusals as gRPC statuses, with google.rpc.BadRequest where a field is to blame. */
import { Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { encodeAs } from '@orrery/proto/codec';
import { ControlError } from '../control/index.ts';

const BAD_REQUEST = 'type.googleapis.com/google.rpc.BadRequest';

export function serviceError(error: unknown): Partial<ServiceError> {
  if (!(error instanceof ControlError)) {
    const details = error instanceof Error ? error.message : String(error);
    return { code: status.INTERNAL, details };
  }
  const code = status[error.code];
  const metadata = new Metadata();
  if (error.violations.length > 0) {
    const value = encodeAs('RpcBadRequest', { fieldViolations: error.violations });
    const details = [{ typeUrl: BAD_REQUEST, value }];
    const bytes = encodeAs('RpcStatus', { code, message: error.message, details });
    metadata.set('grpc-status-details-bin', Buffer.from(bytes));
  }
  return { code, details: error.message, metadata };
}
