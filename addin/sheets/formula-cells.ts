/** Which cells a formula reads, and with which sign: enough of the language to open a sum. Pure. */
export type Area = { readonly sheet: string | undefined; /** Open ends stay undefined: whole columns or rows. */ readonly row?: number; readonly column?: number; readonly lastRow?: number; readonly lastColumn?: number };
/** `where`: only rows whose cells in these areas meet the criteria (SUMIF, SUMIFS, COUNTIF). */
export type Read = { readonly area: Area; readonly sign: 1 | -1; readonly where: readonly { readonly area: Area; readonly criterion: string | Area }[]; readonly counts: boolean };
/** `adds`: the formula is a sum or difference of what it reads, so that its terms add up to its value. */
export type Reading = { readonly adds: boolean; readonly reads: readonly Read[] };

const REF = /^(?:(?:'((?:[^']|'')+)'|([^\s'!()+\-*/,;&<>="]+))!)?(?:\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?|\$?([A-Z]{1,3}):\$?([A-Z]{1,3}))(?![A-Z0-9_(.])/i;
const column = (letters: string): number => [...letters.toUpperCase()].reduce((n, c) => n * 26 + c.charCodeAt(0) - 64, 0) - 1;

/** An address at the beginning of the text, and how long it is. */
export function areaAt(text: string): { readonly area: Area; readonly length: number } | undefined {
  const m = REF.exec(text);
  if (!m) return undefined;
  const sheet = m[1]?.replaceAll("''", "'") ?? m[2];
  if (m[7]) return { area: { sheet, column: column(m[7]), lastColumn: column(m[8]!) }, length: m[0].length };
  const [row, from] = [Number(m[4]) - 1, column(m[3]!)];
  return { area: { sheet, row, column: from, lastRow: m[6] ? Number(m[6]) - 1 : row, lastColumn: m[5] ? column(m[5]) : from }, length: m[0].length };
}
/** Arguments of a call whose opening bracket has been read; the rest follows its closing one. */
function argumentsOf(text: string): { readonly args: readonly string[]; readonly length: number } {
  const args: string[] = [];
  let [depth, quoted, from] = [0, false, 0];
  for (let i = 0; i < text.length; i += 1) {
    const c = text[i]!;
    if (c === '"') quoted = !quoted;
    if (quoted) continue;
    if (c === '(' || c === '{') depth += 1;
    if (c === ')' && depth === 0) return { args: [...args, text.slice(from, i).trim()], length: i + 1 };
    if (c === ')' || c === '}') depth -= 1;
    if ((c === ',' || c === ';') && depth === 0) { args.push(text.slice(from, i).trim()); from = i + 1; }
  }
  return { args: [...args, text.slice(from).trim()], length: text.length };
}
const whole = (arg: string): Area | undefined => { const found = areaAt(arg); return found && found.length === arg.length ? found.area : undefined; };
const criterion = (arg: string): string | Area | undefined => whole(arg) ?? (/^"(?:[^"]|"")*"$/.test(arg) ? arg.slice(1, -1).replaceAll('""', '"') : /^-?\d+(\.\d+)?$/.test(arg) ? arg : undefined);

/** A call that adds what it reads, with its conditions; undefined when it is another one, or more than this reads. */
function summed(name: string, args: readonly string[], sign: 1 | -1): readonly Read[] | undefined {
  const conditions = (pairs: readonly string[]): { area: Area; criterion: string | Area }[] | undefined => {
    const made: { area: Area; criterion: string | Area }[] = [];
    for (let i = 0; i + 1 < pairs.length; i += 2) {
      const [area, is] = [whole(pairs[i]!), criterion(pairs[i + 1]!)];
      if (!area || is === undefined) return undefined;
      made.push({ area, criterion: is });
    }
    return made;
  };
  if (name === 'SUM' || name === 'SUBTOTAL') {
    const parts = (name === 'SUBTOTAL' ? args.slice(1) : args).map((a) => readFormula(a, sign));
    return parts.every((p) => p.adds) && (name === 'SUM' || /^(9|109)$/.test(args[0] ?? '')) ? parts.flatMap((p) => p.reads) : undefined;
  }
  const counts = name === 'COUNTIF' || name === 'COUNTIFS';
  const [of, pairs] = name === 'SUMIFS' ? [args[0], args.slice(1)] : name === 'SUMIF' ? [args[2] ?? args[0], args.slice(0, 2)] : counts ? [args[0], args] : [undefined, []];
  const [area, where] = [of === undefined ? undefined : whole(of), conditions(pairs)];
  return area && where ? [{ area, sign, where, counts }] : undefined;
}

/** Reads a formula (without its `=`), or a part of one. */
export function readFormula(text: string, outer: 1 | -1 = 1): Reading {
  const reads: Read[] = [];
  let [adds, sign, rest] = [true, outer, text.trim()];
  while (rest !== '') {
    const call = /^([A-Z][A-Z0-9.]*)\(/i.exec(rest);
    const area = call ? undefined : areaAt(rest);
    if (/^[+-]/.test(rest)) {
      sign = rest.startsWith('-') ? (-outer as 1 | -1) : outer;
      rest = rest.slice(1).trimStart();
      continue;
    } else if (area) {
      reads.push({ area: area.area, sign, where: [], counts: false });
      rest = rest.slice(area.length).trimStart();
    } else if (call) {
      const { args, length } = argumentsOf(rest.slice(call[0].length));
      const own = summed(call[1]!.toUpperCase(), args, sign);
      if (!own) adds = false;
      reads.push(...(own ?? args.flatMap((a) => readFormula(a, sign).reads)));
      rest = rest.slice(call[0].length + length).trimStart();
    } else {
      // Texts, numbers and other operators: what is read is still told, but it does not just add up.
      adds = false;
      rest = rest.replace(/^("(?:[^"]|"")*"|[\d.]+%?|.)/s, '').trimStart();
    }
    // An operand is followed by a sign, or by nothing.
    if (rest !== '' && !/^[+-]/.test(rest)) adds = false;
  }
  return { adds, reads };
}

/** Whether a cell meets a criterion of SUMIF: a comparison, or equal with `*` and `?`, whatever the case. */
export function meets(value: string | number | boolean, is: string): boolean {
  const [, operator = '', operand = ''] = /^(>=|<=|<>|>|<|=)?(.*)$/s.exec(is)!;
  const asNumber = operand.trim() !== '' && Number.isFinite(Number(operand)) ? Number(operand) : undefined;
  if (operator === '>' || operator === '<' || operator === '>=' || operator === '<=') {
    if (asNumber === undefined || typeof value !== 'number') return false;
    return operator === '>' ? value > asNumber : operator === '<' ? value < asNumber : operator === '>=' ? value >= asNumber : value <= asNumber;
  }
  const pattern = new RegExp(`^${operand.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[\\s\\S]*').replaceAll('?', '[\\s\\S]')}$`, 'i');
  const same = asNumber !== undefined ? Number(value) === asNumber && value !== '' : pattern.test(String(value));
  return operator === '<>' ? !same : same;
}
