/** A fault's traces as Jaeger's HTTP API gives them to anyone who searches for its id. */

interface ApiSpan {
  traceID: string;
  operationName: string;
  processID: string;
  references: { refType: string; traceID: string }[];
}

interface ApiTrace {
  traceID: string;
  spans: ApiSpan[];
  processes: Record<string, { serviceName: string }>;
}

/** The trace of the fault itself, and the services that have spans in it. */
export async function faultStory(
  url: string,
  fault: string,
): Promise<{ traceId: string; services: string[] } | undefined> {
  const found = await search(url, 'headnode', fault);
  const own = found.find(({ spans }) =>
    spans.some(({ operationName }) => operationName.startsWith(`fault ${fault} `)),
  );
  if (own === undefined) return undefined;
  const services = own.spans.map(({ processID }) => own.processes[processID].serviceName);
  return { traceId: own.traceID, services: [...new Set(services)].sort() };
}

/** Id of a client's request that suffered from it and points to its trace. */
export async function slowedBy(url: string, fault: string, story: string): Promise<string | undefined> {
  const requests = await search(url, 'client', fault);
  return requests.find(
    ({ traceID, spans }) =>
      traceID !== story && spans.some(({ references }) => references.some((to) => to.traceID === story)),
  )?.traceID;
}

async function search(url: string, service: string, fault: string): Promise<ApiTrace[]> {
  const tags = JSON.stringify({ 'orrery.fault.id': fault });
  const answer = await fetch(
    `${url}/api/traces?${new URLSearchParams({ service, tags, limit: '50' }).toString()}`,
  );
  return ((await answer.json()) as { data: ApiTrace[] | null }).data ?? [];
}
