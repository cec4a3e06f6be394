import { fenFromInteger, fenFromYuanText, shareOut } from '../../api/contract/values/money.ts';
import { ratePerSecond, type Bench } from './measure.ts';

const texts = Array.from({ length: 1000 }, (_, i) => `${i * 7}.${String(i % 100).padStart(2, '0')}`);
const weights = Array.from({ length: 12 }, (_, i) => i * 31 + 1);

/** The floor reads the same text as a float and rounds, which is what must not be done with money. */
export const money: Bench = {
  name: 'money',
  run: async () => [
    {
      name: 'yuan text to fen', unit: '/s', besideName: 'floor Math.round(Number)',
      ours: await ratePerSecond(() => { for (const t of texts) fenFromYuanText(t); return texts.length; }),
      beside: await ratePerSecond(() => { let sum = 0; for (const t of texts) sum += Math.round(Number(t) * 1000) / 10; return sum > 0 ? texts.length : 0; }),
    },
    {
      name: 'share out over 12 lines', unit: '/s', besideName: 'floor float shares',
      ours: await ratePerSecond(() => { for (let i = 0; i < 200; i += 1) shareOut(fenFromInteger(123_457 + i), weights); return 200; }),
      beside: await ratePerSecond(() => { const sum = weights.reduce((a, b) => a + b, 0); for (let i = 0; i < 200; i += 1) weights.map((w) => ((123_457 + i) * w) / sum); return 200; }),
    },
  ],
};
