import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cellOf } from '../../addin/sheets/cells.ts';
import { ruleSheetContracts } from '../../api/contract/sheets/rules.ts';
import { TABLES, type Field, type TableKind } from '../../api/contract/decision-tables/index.ts';
import { parseCondition } from '../../api/rules/domain/cells.ts';
import { numberValue } from '../../api/rules/domain/cell-numbers.ts';
import { wildcard } from '../../api/rules/domain/cell-texts.ts';
import { noteWords } from '../../api/contract/decision-tables/note-words.ts';
import { DEFAULT_ROWS } from '../../api/rules/domain/defaults.ts';
import { compileTable, type Row } from '../../api/rules/domain/table.ts';

const row = (cells: Record<string, string>, id = 'R01'): Row => ({ id, enabled: true, cells });
const valueOf = (f: Field, text: string) => {
  if (f.type === 'flag') return text === '是';
  if (f.type === 'money' || f.type === 'number' || f.type === 'rate' || f.type === 'day') return numberValue(f, text);
  const word = f.choices?.find((c) => c.zh === text)?.value ?? text;
  return f.type === 'list' ? [word] : word;
};
const one = (type: Field['type'], more: Partial<Field> = {}): Field => ({ key: 'x', type, zh: '栏', en: 'Column', example: { zh: '例', en: 'example', yes: '', no: '' }, ...more });
const kindWith = (...fields: Field[]): TableKind => ({ name: 'x', title: { zh: '表', en: 'table' }, about: { zh: '', en: '' }, hit: 'first', fields, outcomes: [{ key: 'say', type: 'text', zh: '说', en: 'Say', example: 'yes' }] });
const fits = (f: Field, cell: string, value: unknown): boolean => {
  const made = compileTable(kindWith(f), [row({ x: cell, say: 'yes' })]);
  assert.ok(made.ok, made.ok ? '' : made.refusal[0]!.en);
  return made.value.match({ x: value as never }) === 0;
};

describe('rules: the language of cells', () => {
  it('every example of the vocabulary says what it claims, in both languages', () => {
    for (const kind of TABLES) for (const f of kind.fields) for (const lang of ['zh', 'en'] as const) {
      const made = compileTable(kind, [row({ [f.key]: f.example[lang], [kind.outcomes[0]!.key]: kind.outcomes[0]!.example })]);
      assert.ok(made.ok, `${kind.name} ${f.key} ${f.example[lang]}`);
      assert.equal(made.value.match({ [f.key]: valueOf(f, f.example.yes) }), 0, `${kind.name} ${f.key}: ${f.example[lang]} fits ${f.example.yes}`);
      assert.equal(made.value.match({ [f.key]: valueOf(f, f.example.no) }), -1, `${kind.name} ${f.key}: ${f.example[lang]} does not fit ${f.example.no}`);
    }
  });

  it('its words stand in the sheet in the sheet’s language, and say the same there', () => {
    for (const kind of TABLES) for (const f of kind.fields) {
      const column = ruleSheetContracts.find((s) => s.name === kind.name)!.columns.find((c) => c.key === f.key)!;
      for (const [lang, from] of [['en', 'zh'], ['zh', 'en']] as const) {
        const shown = String(cellOf(column, { id: 'R01', revision: 1, cells: { [f.key]: f.example[from] } }, lang));
        if (f.type === 'flag' || f.choices) assert.equal(shown, f.example[lang], `${kind.name} ${f.key}`);
        const same = { ...f, key: 'x' };
        assert.equal(fits(same, shown, valueOf(f, f.example.yes)), true, `${kind.name} ${f.key}: ${shown}`);
        assert.equal(fits(same, shown, valueOf(f, f.example.no)), false, `${kind.name} ${f.key}: ${shown}`);
      }
    }
  });
  it('the rows that come with the product are read in English as in Chinese', () => {
    for (const kind of TABLES) {
      const columns = ruleSheetContracts.find((s) => s.name === kind.name)!.columns.filter((c) => c.words);
      const left = DEFAULT_ROWS[kind.name]!.flatMap((r) => columns.map((c) => String(cellOf(c, { id: r.id, revision: 1, cells: r.cells }, 'en')))).filter((text) => /[\u4e00-\u9fff]/.test(text));
      assert.deepEqual(left, [], kind.name);
    }
  });

  it('the product’s own tables compile', () => {
    for (const kind of TABLES) assert.deepEqual(DEFAULT_ROWS[kind.name]!.map((r) => r.cells['note'] ?? '').filter((note) => note !== '' && noteWords(note).en === note), [], kind.name);
    for (const kind of TABLES) assert.ok(compileTable(kind, DEFAULT_ROWS[kind.name]!).ok, kind.name);
  });

  const cases: readonly [Field['type'], string, unknown, boolean][] = [
    ['money', '1万以上', 1_000_000, true], ['money', '1万以上', 999_999, false], ['money', '100元到200元', 20_000, true], ['money', '9.9', 990, true], ['money', '大于等于 ５０', 5_000, true], ['money', '!100..200', 15_000, false], ['money', '!100..200', undefined, true],
    ['number', '1, 2, 5..9', 7, true], ['number', '1, 2, 5..9', 3, false], ['number', 'not 3', 3, false], ['number', 'more than 3', 3, false], ['rate', '10-20%', 1_500, true], ['text', '!*急*', '很急', false], ['text', '!*急*', '', true], ['text', 'ABC', 'abc', true],
    ['text', '"A,B"', 'a,b', true], ['text', '第?批', '第2批', true], ['text', '第?批', '第22批', false], ['text', '~*', '*', true], ['text', '不含 急', '急', false], ['text', '"空"', '空', true], ['text', '空', '', true], ['text', '非空', '', false], ['text', '!/测试/', '测试', false],
    ['region', '新疆,西藏', '新疆维吾尔自治区', true], ['region', '浙江省', '浙江', true], ['region', 'Guangdong', '广东省', true], ['region', '!新疆,西藏', '西藏自治区', false], ['list', 'a,b', ['c', 'b'], true], ['list', '!a', ['c', 'a'], false], ['list', '空', [], true], ['flag', '否', undefined, false], ['day', '2026-11-10..2026-11-12', Date.parse('2026-11-11') / 86_400_000, true],
  ];
  for (const [type, cell, value, want] of cases) it(`${type}: ${cell} ${want ? 'fits' : 'does not fit'} ${String(value)}`, () => assert.equal(fits(one(type), cell, value), want));

  const wrongs: readonly [Field['type'], string, RegExp][] = [
    ['money', '1,000', /千分位.*1000/], ['money', '200..100', /写 100\.\.200/], ['number', 'abc', /“abc”不是数/], ['rate', '0.3', /写 0\.3%/], ['text', '>5', /不能比大小/], ['text', '广东,!浙江', /! 管整格/], ['text', '/a(b/', /正则/], ['text', '/(?=a)b/', /前后查找/], ['text', '/(a{100}){99}/', /重复/], ['flag', '也许', /写 是、否/], ['day', '2026-02-30', /不是日期/], ['money', '#REF!', /公式错误/],
  ];
  for (const [type, cell, says] of wrongs) {
    it(`${type}: ${cell} is refused with row, column, what was read and what would be right`, () => {
      const made = compileTable(kindWith(one(type)), [row({ say: 'a' }, 'R01'), row({ x: cell, say: 'b' }, 'R02')]);
      assert.ok(!made.ok);
      const [p] = made.refusal;
      assert.deepEqual([p!.row, p!.id, p!.column, p!.read], [2, 'R02', 'x', cell]);
      assert.match(p!.zh, says);
      assert.match(p!.zh, /第 2 行“栏”/);
      assert.match(p!.en, /Row 2, “Column”: .+/);
    });
  }

  it('any text at all is read or refused with a cure; nothing throws', () => {
    const piece = fc.constantFrom('>', '<=', '..', '!', '*', '?', '~', '/', '"', '“', ',', '，', '、', '(', '[', '{99}', '\\', '空', '是', '新疆', '1', '9.99', '-', '%', '万', '以上', 'not ', '到', ' ', '\n', 'a|b', '+', '|', '^', '$', '.', '2026-11-11');
    const cell = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.array(piece, { maxLength: 12 }).map((p) => p.join('')));
    const fields = TABLES.flatMap((t) => t.fields);
    const field = fc.constantFrom(...fields);
    const value = fc.oneof(fc.string({ maxLength: 60 }), fc.integer(), fc.boolean(), fc.array(fc.string({ maxLength: 8 }), { maxLength: 3 }), fc.constant(undefined));
    fc.assert(fc.property(field, cell, value, (f, text, v) => {
      const read = parseCondition(f, text);
      if (!read.ok) return read.refusal.zh.length > 4 && read.refusal.en.length > 8;
      const made = compileTable(kindWith({ ...f, key: 'x' }), [row({ x: text, say: 'yes' })]);
      return made.ok && typeof made.value.match({ x: v }) === 'number';
    }), { numRuns: Number(process.env['RULES_FUZZ'] ?? 4_000), interruptAfterTimeLimit: 3_600_000, examples: fields.filter((f) => f.type === 'region').flatMap((f) => [[f, '*', '__proto__'], [f, 'constructor', 'toString']] as [(typeof fields)[number], string, string][]) });
  }).timeout(3_600_000);

  it('wildcards agree with a regular expression of the same meaning', () => {
    const pattern = fc.array(fc.constantFrom('a', 'b', '*', '?'), { maxLength: 7 }).map((p) => p.join(''));
    fc.assert(fc.property(pattern, fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 9 }).map((t) => t.join('')), (p, t) => wildcard(p)(t) === new RegExp(`^${p.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(t)), { numRuns: 3_000 });
  });

  it('the compiled table decides as reading row by row would', () => {
    const f = [one('number', { key: 'n' }), one('text', { key: 't' }), one('flag', { key: 'f' }), one('list', { key: 'l' })];
    const kind: TableKind = { ...kindWith(...f), hit: 'all' };
    const cells = fc.record({ n: fc.constantFrom('', '>2', '1..3', '!2', '空', '2、4'), t: fc.constantFrom('', 'a', '!a', '*b*', '/a.b/', '空', 'a,*c'), f: fc.constantFrom('', '是', '否'), l: fc.constantFrom('', 'x', '!x', 'x*', '非空'), say: fc.constant('s') });
    const input = fc.record({ n: fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }), t: fc.constantFrom('', 'a', 'b', 'axb', 'c'), f: fc.boolean(), l: fc.subarray(['x', 'xy', 'z']) });
    fc.assert(fc.property(fc.array(cells, { maxLength: 70 }), input, (list, i) => {
      const rows = list.map((c, k) => row(c, `R${k}`));
      const whole = compileTable(kind, rows);
      assert.ok(whole.ok);
      const alone = rows.filter((r) => f.every((field) => { const made = compileTable(kindWith(field), [row({ [field.key]: r.cells[field.key]!, say: 's' })]); return made.ok && made.value.match(i) === 0; }));
      assert.deepEqual(whole.value.decide(i).map((h) => h.row), alone.map((r) => r.id));
      assert.equal(whole.value.match(i), alone[0] ? rows.indexOf(alone[0]) : -1);
    }), { numRuns: 60 });
  });
});
