import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { csvText, inert } from '../../api/contract/values/csv.ts';
import { fenFromInteger, yuanForCell, yuanText } from '../../api/contract/values/money.ts';
import { saveFile } from './dropships.tsx';
import { Act, Block, Row, Words } from './parts.tsx';
import { yuan, type App } from './store.ts';

type Line = { readonly parcelId: string; readonly shippedAt: string; readonly province: string; readonly grams: number; readonly courier: string; readonly freightFen: number; readonly thenCourier: string; readonly thenFreightFen: number | null };
type Answer = { readonly parcels: number; readonly freightFen: number; readonly thenFreightFen: number; readonly differenceFen: number; readonly unpriced: number; readonly byCourier: readonly { readonly courier: string; readonly parcels: number; readonly freightFen: number; readonly thenParcels: number; readonly thenFreightFen: number }[]; readonly rows: readonly Line[] };

const titles = (app: App): string[] => (app.lang === 'zh' ? ['包裹号', '发货日', '省', '重量(克)', '快递', '运费', '假如快递', '假如运费', '差额'] : ['Parcel', 'Shipped on', 'Province', 'Weight (g)', 'Courier', 'Freight', 'Then courier', 'Then freight', 'Difference']);
const cell = (fen: number): number => yuanForCell(fenFromInteger(fen));
const WIDTHS = [36, 13, 12, 13, 10, 12, 15, 15, 13];
const FORMATS = ['@', '@', '@', '#,##0', '@', '#,##0.00', '@', '#,##0.00', '#,##0.00'];

/** The parcels and what they would have cost, in a sheet of its own; written anew each time. */
async function asSheet(app: App, answer: Answer): Promise<void> {
  const { port } = app.desk;
  const title = app.words('reprice.sheet');
  const head = titles(app);
  await port.ensureSheet(title);
  const before = await port.extent(title);
  if (before && before.row + before.rows > 1) await port.removeRows(title, Array.from({ length: before.row + before.rows - 1 }, (_, i) => i + 1));
  const looks = head.map((t, column) => ({ column, title: t, width: WIDTHS[column]!, format: FORMATS[column]!, right: FORMATS[column] !== '@' }));
  await port.widths(title, looks.map(({ column, width }) => ({ column, width })));
  await port.formatRows(title, looks, 1, answer.rows.length);
  await port.write(title, [{ row: 0, column: 0, values: [head] }, { row: 1, column: 0, values: answer.rows.map((r) => [r.parcelId, r.shippedAt.slice(0, 10), r.province, r.grams, r.courier, cell(r.freightFen), r.thenCourier, ...(r.thenFreightFen === null ? ['', ''] : [cell(r.thenFreightFen), cell(r.thenFreightFen - r.freightFen)])]) }]);
  await port.paint(title, head.map((_t, column) => ({ row: 0, column, look: 'heading' as const })));
  await port.show(title);
}
function asCsv(app: App, answer: Answer): Blob {
  const text = (fen: number): string => yuanText(fenFromInteger(fen));
  const lines = answer.rows.map((r) => [inert(r.parcelId), r.shippedAt.slice(0, 10), inert(r.province), r.grams, inert(r.courier), text(r.freightFen), inert(r.thenCourier), r.thenFreightFen === null ? '' : text(r.thenFreightFen), r.thenFreightFen === null ? '' : text(r.thenFreightFen - r.freightFen)]);
  return new Blob([csvText([titles(app), ...lines])], { type: 'text/csv;charset=utf-8' });
}

/** What shipped parcels would have cost with one courier in another's place, or with the freight table as it is now. Nothing is changed. */
export function Reprice({ app, month }: { readonly app: App; readonly month: string }): JSX.Element {
  const { words: w, client } = app;
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const [answer, show] = useState<Answer | undefined>(undefined);
  const [year, number] = month.split('-').map(Number);
  const last = new Date(Date.UTC(year!, number!, 0)).toISOString().slice(0, 10);
  const code = (value: string, set: (next: string) => void, label: string): JSX.Element => <label>{label}<input type="text" value={value} maxLength={20} autocomplete="off" onInput={(e) => set(e.currentTarget.value.toUpperCase())} /></label>;
  const ask = async (): Promise<void> => show(await client.call('repriceParcels', { body: { from: `${month}-01`, to: last, ...(from && to ? { instead: { [from]: to } } : {}) } }) as Answer);
  return (
    <Block title={w('reprice.title', { month })}>
      <form class="form" onSubmit={(e) => e.preventDefault()}><div class="pair">{code(from, setFrom, w('reprice.from'))}{code(to, setTo, w('reprice.to'))}</div><Act needs="finance:read" app={app} label={w('reprice.ask')} run={ask} /></form>
      {answer ? <>
        <Row title={w('reprice.sum', { n: answer.parcels.toLocaleString() })} words={w('reprice.was', { was: yuan(app, answer.freightFen), then: yuan(app, answer.thenFreightFen) })} figure={`${answer.differenceFen > 0 ? '+' : ''}${yuan(app, answer.differenceFen)}`} tone={answer.differenceFen > 0 ? 'stopped' : undefined} />
        {answer.unpriced > 0 ? <Words>{w('reprice.unpriced', { n: answer.unpriced })}</Words> : null}
        {answer.byCourier.map((c) => <Row key={c.courier} title={c.courier} words={w('reprice.courier', { n: c.parcels.toLocaleString(), then: c.thenParcels.toLocaleString() })} figure={`${yuan(app, c.freightFen)} → ${yuan(app, c.thenFreightFen)}`} tone="muted" />)}
        {answer.rows.length > 0 ? <div class="acts"><Act plain label={w('reprice.asSheet')} run={() => asSheet(app, answer)} /><Act plain label="CSV" run={async () => saveFile(asCsv(app, answer), `${w('reprice.sheet')}-${month}.csv`)} /></div> : null}
      </> : <Words>{w('reprice.words')}</Words>}
    </Block>
  );
}
