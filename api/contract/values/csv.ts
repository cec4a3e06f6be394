/** A cell from outside that a spreadsheet would take for a formula gets an apostrophe before it (OWASP CSV injection). */
export const inert = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

/** Lines of cells as a spreadsheet opens them: UTF-8 with its mark, quoted where a cell has a sign of the format. */
export function csvText(lines: readonly (readonly (string | number)[])[]): string {
  const quote = (cell: string | number): string => (/[",\r\n]/.test(String(cell)) ? `"${String(cell).replaceAll('"', '""')}"` : String(cell));
  return `\uFEFF${lines.map((l) => l.map(quote).join(',')).join('\r\n')}\r\n`;
}
