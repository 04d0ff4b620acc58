/** Whether tests can start containers here. */

/** @returns whether a Docker daemon answers */
export async function dockerAnswers(): Promise<boolean> {
  // The reaper would be one image more; containers are removed when their test ends.
  process.env.TESTCONTAINERS_RYUK_DISABLED ??= 'true';
  const { getContainerRuntimeClient } = await import('testcontainers');
  return getContainerRuntimeClient().then(
    () => true,
    () => false,
  );
}
