const UNITS = ["kB", "MB", "GB", "TB"];

/** `12 B`, `4.5 kB`, `1.2 GB`: thousands, as disks are sold. */
export function bytesText(count: number): string {
  if (count < 1000) return `${count} B`;
  const power = Math.min(UNITS.length, Math.floor(Math.log10(count) / 3));
  return `${(count / 1000 ** power).toFixed(1)} ${UNITS[power - 1]}`;
}

/** The text in lines of at most `width` characters where it can be: broken after commas, or at spaces if it has none. */
export function wrapped(text: string, width: number): string[] {
  const mark = text.includes(", ") ? ", " : " ";
  const lines: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const at = rest.lastIndexOf(mark, width - mark.length);
    if (at <= 0) break;
    lines.push(rest.slice(0, at + mark.length).trimEnd());
    rest = rest.slice(at + mark.length);
  }
  return [...lines, rest];
}
