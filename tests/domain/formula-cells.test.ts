import assert from 'node:assert/strict';
import { meets, readFormula } from '../../addin/sheets/formula-cells.ts';

const read = (formula: string): string => {
  const { adds, reads } = readFormula(formula);
  const end = (n: number | undefined): string => (n === undefined ? '*' : String(n));
  const area = (a: (typeof reads)[number]['area']): string => `${a.sheet ? `${a.sheet}!` : ''}${end(a.row)},${end(a.column)}:${end(a.lastRow)},${end(a.lastColumn)}`;
  return `${adds ? 'adds' : 'reads'} ${reads.map((r) => `${r.sign > 0 ? '+' : '-'}${r.counts ? '#' : ''}${area(r.area)}${r.where.map((w) => ` if ${area(w.area)} is ${typeof w.criterion === 'string' ? w.criterion : area(w.criterion)}`).join('')}`).join(' ')}`.trim();
};

describe('which cells a formula reads', () => {
  for (const [formula, expected] of [
    ['A1', 'adds +0,0:0,0'],
    ['SUM(B2:C3)', 'adds +1,1:2,2'],
    ['SUM(A1,B2)-C3', 'adds +0,0:0,0 +1,1:1,1 -2,2:2,2'],
    ['-(A1)', 'reads -0,0:0,0'],
    ["SUM('四月 利润'!$D$2:$D$9)", 'adds +四月 利润!1,3:8,3'],
    ['利润!F2+利润!F3', 'adds +利润!1,5:1,5 +利润!2,5:2,5'],
    ["'it''s'!A1", "adds +it's!0,0:0,0"],
    ['SUMIFS(利润!F:F,利润!B:B,"天猫店",利润!A:A,A2)', 'adds +利润!*,5:*,5 if 利润!*,1:*,1 is 天猫店 if 利润!*,0:*,0 is 1,0:1,0'],
    ['SUMIF(B:B,">10",C:C)', 'adds +*,2:*,2 if *,1:*,1 is >10'],
    ['COUNTIF(C2:C9,"挂起")', 'adds +#1,2:8,2 if 1,2:8,2 is 挂起'],
    ['SUBTOTAL(109,F2:F9)', 'adds +1,5:8,5'],
    ['SUBTOTAL(101,F2:F9)', 'reads +1,5:8,5'],
    ['A1*2', 'reads +0,0:0,0'],
    ['AVERAGE(A1:A3)', 'reads +0,0:2,0'],
    ['SUM(A1*2,B1)', 'reads +0,0:0,0 +0,1:0,1'],
    ['IF(A1>0,"A9",B1)', 'reads +0,0:0,0 +0,1:0,1'],
    ['SUANPAN.STOCK("A1")', 'reads'],
    ['1+2', 'reads'],
  ] as const) it(`=${formula}`, () => assert.equal(read(formula), expected));

  for (const [value, is, expected] of [['天猫店', '天猫店', true], ['天猫店', '天猫*', true], ['天猫店', '?猫店', true], ['京东', '<>天猫店', true], ['A', 'a', true], [12, '>10', true], [10, '>10', false], ['12', '12', true], ['', '0', false], [5, '<=5', true], ['a.c', 'abc', false], ['x', '>1', false]] as const) {
    it(`${JSON.stringify(value)} ${expected ? 'meets' : 'does not meet'} ${is}`, () => assert.equal(meets(value, is), expected));
  }
});
