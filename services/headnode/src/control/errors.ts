/** What a caller of the control API can act on. Transports turn the code into their own status. */
export type ControlCode =
  | 'INVALID_ARGUMENT'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'FAILED_PRECONDITION'
  | 'RESOURCE_EXHAUSTED'
  | 'UNAVAILABLE'
  | 'CANCELLED';

/** A field of the request, and what is wrong with it. */
export interface Violation {
  field: string;
  description: string;
}

export class ControlError extends Error {
  readonly code: ControlCode;
  readonly violations: readonly Violation[];

  constructor(code: ControlCode, message: string, violations: readonly Violation[] = []) {
    super(message);
    this.name = 'ControlError';
    this.code = code;
    this.violations = violations;
  }
}

/** A request that is wrong in itself. */
export function invalid(violations: readonly Violation[]): ControlError {
  const text = violations.map(({ field, description }) => `${field}: ${description}`).join('; ');
  return new ControlError('INVALID_ARGUMENT', text, violations);
}

/** Something that is not there. @param description says what is near */
export function notFound(field: string, description: string): ControlError {
  return new ControlError('NOT_FOUND', `${field}: ${description}`, [{ field, description }]);
}
