/** A value of CSV; a field without quotes that is empty is null. */
type CsvRow = (string | null)[];

/** Read CSV (RFC 4180) into rows. */
export function parseCsv(text: string): CsvRow[] {
  const rows: CsvRow[] = [];
  let row: CsvRow = [];
  // A field with quotes, or without; then what ends it.
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy;
  while (field.lastIndex < text.length) {
    const [, quoted, plain = "", end] = field.exec(text) ?? [];
    if (end === undefined) throw new Error("The table cannot be read: it is no CSV.");
    row.push(quoted === undefined ? plain || null : quoted.replaceAll('""', '"'));
    if (end === ",") {
      // A last field may be empty, and the end of the text.
      if (field.lastIndex === text.length) row.push(null);
      else continue;
    }
    rows.push(row);
    row = [];
  }
  return rows;
}
