import { chooseColumns, type Wanted } from "./columns.js";
import { type Complain, type Entries, growing } from "./entries.js";
import { createFields, type Separators } from "./fields.js";
import { readId } from "./id.js";

/** CSV as in RFC 4180, or TSV, which has no quotes. @throws what `complain` makes of what is wrong with a line */
export function readDelimited(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
  separators: Separators,
  wanted: Wanted,
  complain: Complain,
): Entries {
  const columns = chooseColumns(bytes, name, separators, wanted, complain);
  const offsets = growing<Uint32Array<ArrayBuffer>>(Uint32Array);
  const lines = growing<Uint32Array<ArrayBuffer>>(Uint32Array);
  const ids = growing<Float64Array<ArrayBuffer>>(Float64Array);
  const fields = createFields(bytes, separators, complain);
  offsets.push(0);

  const readRow = (take: boolean) => {
    let column = 0;
    let row = 0;
    do {
      fields.read();
      if (column === 0) row = fields.line;
      if (column === 0 && fields.endsRow && fields.from === fields.to) throw complain(row, "it is empty");
      if (take && column === columns.value) ids.push(readId(bytes, fields.from, fields.to, fields.line, complain));
      if (take && column === columns.key) {
        fields.keep();
        offsets.push(fields.to);
      }
      column++;
    } while (!fields.endsRow);
    if (column !== columns.count) {
      throw complain(
        row,
        `${column} ${column === 1 ? "column" : "columns"}, where the first line has ${columns.count}`,
      );
    }
    if (take) lines.push(row);
  };

  if (wanted.header) readRow(false);
  while (fields.more()) readRow(true);
  const lineOf = lines.done();
  return {
    bytes,
    offsets: offsets.done(),
    ...(columns.value === undefined ? {} : { ids: ids.done() }),
    lineOf: (index) => lineOf[index]!,
  };
}
