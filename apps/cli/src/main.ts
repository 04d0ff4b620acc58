/** Entry point of the command line; returns the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  return argv.length > 0 ? 0 : 2;
}
