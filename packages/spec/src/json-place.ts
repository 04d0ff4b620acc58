/** Where a text stops being JSON: the engines' own messages say it differently from version to version. */

/** Offset of the first character that no JSON has there; undefined when the text is JSON. Depth is bounded by the caller. */
export function jsonFault(text: string): number | undefined {
  const reader: Reader = { text, at: 0 };
  if (!readValue(reader)) return reader.at;
  skipSpace(reader);
  return reader.at === text.length ? undefined : reader.at;
}

interface Reader {
  readonly text: string;
  at: number;
}

function skipSpace(reader: Reader): void {
  while (' \t\r\n'.includes(reader.text[reader.at] ?? 'x')) reader.at++;
}

function accept(reader: Reader, pattern: RegExp): boolean {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text);
  if (found === null) return false;
  reader.at += found[0].length;
  return true;
}

const scalar = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])/y;
const quoted = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})|\u007f)*"/uy;

function readValue(reader: Reader): boolean {
  skipSpace(reader);
  const opening = reader.text[reader.at];
  if (opening === '{') return readItems(reader, '}', readMember);
  if (opening === '[') return readItems(reader, ']', readValue);
  return accept(reader, opening === '"' ? quoted : scalar);
}

function readMember(reader: Reader): boolean {
  skipSpace(reader);
  if (!accept(reader, quoted)) return false;
  skipSpace(reader);
  if (reader.text[reader.at] !== ':') return false;
  reader.at++;
  return readValue(reader);
}

function readItems(reader: Reader, closing: string, readItem: (reader: Reader) => boolean): boolean {
  reader.at++;
  skipSpace(reader);
  if (reader.text[reader.at] === closing) {
    reader.at++;
    return true;
  }
  for (;;) {
    if (!readItem(reader)) return false;
    skipSpace(reader);
    const next = reader.text[reader.at];
    if (next !== ',' && next !== closing) return false;
    reader.at++;
    if (next === closing) return true;
  }
}
