/** `npx tsx api/cli/rules-doc.ts`: docs/rules.md, made from the vocabulary of the decision tables, in Chinese and English. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { OPERATORS, TABLES, type Field, type TableKind } from '../contract/decision-tables/index.ts';

const TYPES: Readonly<Record<Field['type'], string>> = { money: '金额（元） money (yuan)', number: '数 number', rate: '比例 rate (%)', day: '日期 day', text: '文字 text', region: '省 province', choice: '选项 choice', list: '多个值 list', flag: '是否 yes/no' };
const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string => [`| ${head.join(' | ')} |`, `| ${head.map(() => '---').join(' | ')} |`, ...rows.map((r) => `| ${r.map((c) => c.replaceAll('\n', ' ')).join(' | ')} |`)].join('\n');
const one = (f: Field): string[] => [f.zh, f.en, TYPES[f.type], code(f.example.zh), code(f.example.en), f.example.yes === '' ? '空 blank' : f.example.yes, f.example.no, (f.choices ?? []).map((c) => `${c.zh} ${c.en}`).join('、')];

function section(kind: TableKind): string {
  const outcomes = kind.outcomes.map((o) => [o.zh, o.en, code(o.example), (o.choices ?? []).map((c) => `${c.zh} ${c.en}`).join('、')]);
  return [
    `## ${kind.title.zh} · ${kind.title.en} (\`${kind.name}\`)`, '', `${kind.about.zh}${kind.hit === 'first' ? '第一条命中的算。' : '命中的都算。'}`, '', `${kind.about.en} ${kind.hit === 'first' ? 'The first row that fits decides.' : 'Every row that fits counts.'}`, '',
    table(['条件', 'Condition', '类型 Type', '例', 'Example', '合 fits', '不合 does not', '可选 choices'], kind.fields.map(one)), '', table(['结果', 'Outcome', '例 Example', '可选 choices'], outcomes), '',
  ].join('\n');
}

export const rulesDocument = (): string => [
  '# 规则 · Rules', '', '本文由代码里的词汇表生成（`npx tsx api/cli/rules-doc.ts`），每个例子都由测试跑过。', '', 'Made from the vocabulary in the code (`npx tsx api/cli/rules-doc.ts`); the tests run every example.', '',
  '一行一条规则，一列一个条件，空格不限。改的是草稿；在“规则”面板拿最近 30 天试算，看哪些订单会变、多少钱，再发布，也能退回旧版。两个人同时改一张表，按格合并；同一格两人都改了才是冲突。', '',
  'One row a rule, one column a condition, an empty cell is any. Edits are a draft: try it on the last 30 days in the Rules pane, see which orders change and by how much money, publish, roll back. Two editors are merged cell by cell; only a cell that both changed is a conflict.', '',
  '## 一格怎么写 · How a cell is written', '', table(['意思', 'Meaning', '写法 Forms', '用于 For'], OPERATORS.map((o) => [o.says.zh, o.says.en, o.forms.map(code).join(' '), o.types.map((t) => TYPES[t].split(' ')[0]!).join('、')])), '',
  '金额写元，按分比较。“以上”“以下”含本数。逗号、顿号、分号都是“或”；千分位的逗号不要写。全角半角、大小写都一样。姓名、电话、地址在库里是打码的，要看全文的（电话像不像、有没有门牌、像不像测试单）在订单进来时查好。', '',
  'Amounts are typed in yuan and compared in fen. Commas and semicolons mean “or”, so leave thousands marks out. Width and case do not matter. Names, phones and addresses are masked at rest; what needs the whole text is checked once, when the order comes in.', '',
  ...TABLES.map(section),
].join('\n');

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(fileURLToPath(new URL('../../docs/rules.md', import.meta.url)), rulesDocument());
