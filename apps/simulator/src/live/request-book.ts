/** Which requests from outside were taken, so that a retry is the same command: read from the log, kept up while it grows. */
import { messageNumbers, type CommandRecord, type Messages } from '@orrery/proto';
import { decodeMessage } from '@orrery/proto/codec';
import type { Accepted } from '@orrery/headnode/control';

export class RequestBook {
  private readonly taken = new Map<string, Accepted>();

  /** The command of an earlier request, said to be there again. */
  find(requestId: string): Accepted | undefined {
    const accepted = this.taken.get(requestId);
    return accepted && { ...accepted, again: true };
  }

  add(record: CommandRecord): Accepted {
    const { n, time, text, requestId } = record;
    const accepted = { number: n, time, text, again: false, ...aboutOf(record) };
    if (requestId !== '') this.taken.set(requestId, accepted);
    return accepted;
  }
}

function aboutOf({ kind, payload }: CommandRecord): { faultId: string; uuid: string } {
  const message = decodeMessage(kind, payload);
  if (kind === messageNumbers.injectFault || kind === messageNumbers.revertFault)
    return { faultId: (message as Messages['injectFault']).faultId, uuid: '' };
  if (kind === messageNumbers.vmCommand)
    return { faultId: '', uuid: (message as Messages['vmCommand']).uuid };
  return { faultId: '', uuid: '' };
}
