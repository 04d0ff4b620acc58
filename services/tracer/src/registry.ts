/** The facts that services report, read from the shared vocabulary: for the generated reference and for probes. */
import { type FactKind, factNumbers, factTypes, serviceOf, type ServiceName } from '@orrery/proto';

export interface FieldRow {
  name: string;
  type: string;
  doc: string;
}

export interface FactRow {
  kind: FactKind;
  number: number;
  service: ServiceName;
  /** Message type, as DESIGN and logs write the fact: `ZoneStateChanged`. */
  type: string;
  /** Probe that fires where it happens: `provider:module:function:name`. */
  probe: string;
  /** '' when the vocabulary says nothing. */
  doc: string;
  fields: FieldRow[];
}

const MESSAGE = /^message (\w+) \{$/;
const FIELD = /^ {2}(?:repeated |optional )?([\w.]+) (\w+) = \d+;(?:\s*\/\/ (.*))?$/;

function camel(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** Comments and fields of every message of a .proto source, by its name. */
function readMessages(source: string): Map<string, { doc: string; fields: FieldRow[] }> {
  const messages = new Map<string, { doc: string; fields: FieldRow[] }>();
  let comment: string[] = [];
  let current: { doc: string; fields: FieldRow[] } | undefined;
  for (const line of source.split('\n')) {
    const message = MESSAGE.exec(line);
    const field = current === undefined ? null : FIELD.exec(line);
    if (message !== null) {
      current = { doc: comment.join(' '), fields: [] };
      messages.set(message[1], current);
    } else if (field !== null && current !== undefined) {
      const type = line.includes('repeated ') ? `${field[1]}[]` : field[1];
      current.fields.push({ name: camel(field[2]), type, doc: field[3] ?? '' });
    }
    comment = line.startsWith('//') ? [...comment, line.slice(2).trim()] : [];
  }
  return messages;
}

/**
 * All kinds of facts, by number.
 * @param protoSources texts of proto/orrery/v1/*.proto, for what they say of each fact; without them doc and fields are empty
 */
export function factRegistry(protoSources: readonly string[] = []): FactRow[] {
  const messages = new Map(protoSources.flatMap((source) => [...readMessages(source)]));
  return (Object.keys(factNumbers) as FactKind[]).map((kind) => {
    const number = factNumbers[kind];
    const service = serviceOf(number);
    const type = factTypes[kind];
    const read = messages.get(type);
    const probe = `orrery:${service}:${kind}:fact`;
    return { kind, number, service, type, probe, doc: read?.doc ?? '', fields: read?.fields ?? [] };
  });
}
