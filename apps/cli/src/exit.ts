/** A refusal that a person can act on: printed as it stands, with the exit code it asks for. */
export class Refusal extends Error {
  readonly exitCode: number;

  /** @param exitCode 1 failed, 2 the request itself is wrong */
  constructor(message: string, exitCode = 2) {
    super(message);
    this.name = 'Refusal';
    this.exitCode = exitCode;
  }
}
