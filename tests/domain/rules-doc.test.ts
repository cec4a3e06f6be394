import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rulesDocument } from '../../api/cli/rules-doc.ts';
import { OPERATORS, TABLES, type Field } from '../../api/contract/decision-tables/index.ts';
import { parseCondition } from '../../api/rules/domain/cells.ts';
import { ROOT } from '../house/source.ts';

describe('rules: the document', () => {
  it('is what the vocabulary makes of it: run npx tsx api/cli/rules-doc.ts', () => assert.equal(readFileSync(join(ROOT, 'docs/rules.md'), 'utf8'), rulesDocument()));

  it('names every field, outcome and table', () => {
    const text = rulesDocument();
    for (const t of TABLES) for (const word of [t.title.zh, t.title.en, ...[...t.fields, ...t.outcomes].flatMap((c) => [c.zh, c.en])]) assert.ok(text.includes(word), word);
  });

  it('every form of every operator is read, by a field that it is for', () => {
    const fields: Readonly<Partial<Record<Field['type'], Field>>> = Object.fromEntries(TABLES.flatMap((t) => t.fields).map((f) => [f.type, f]));
    const text = TABLES.flatMap((t) => t.fields).find((f) => f.key === 'sellerMemo')!;
    const pieces = TABLES.flatMap((t) => t.fields).find((f) => f.key === 'quantity')!;
    for (const o of OPERATORS) for (const form of o.forms.filter((f) => f !== '（留空）')) {
      const field = o.types.includes('number') && !o.types.includes('text') ? pieces : o.types.includes('text') ? text : fields[o.types[0]!]!;
      const read = parseCondition(field, form);
      assert.ok(read.ok, `${form}: ${read.ok ? '' : read.refusal.en}`);
    }
  });
});
