/** The desk: live sheets, drafts, publishing. It knows the port and the client, and tells its listeners what has changed. */
import { SHEETS } from '../../api/contract/sheets/index.ts';
import { parseCell, type CellValue } from '../../api/contract/sheets/parse.ts';
import type { Sheet } from '../../api/contract/sheets/sheet.ts';
import { ApiProblem, type Client } from '../client.ts';
import { inEnglish } from '../i18n/plural.ts';
import type { Cell, Paint, Spot, SpreadsheetPort } from '../excel/port.ts';
import { cellOf, parsedForCell, sameCell, type Row } from './cells.ts';
import type { FigureRef } from '../../api/contract/why.ts';
import type { Ours } from './figures.ts';
import { batchId, draftKey, DRAFTS_NAMESPACE, draftsOf, draftsXml, rowsOf, type Draft, type PublishRow } from './drafts.ts';
import { HEADER_ROW, type Places } from './layout.ts';
import { checkPairs, listsAt, MOST_LISTS } from './lists.ts';
import { nameDrafts } from './names.ts';
import { look, type Wanted } from './look.ts';
import { OwnSheets, placeOwn, userColumnAt, type UserColumn } from './own.ts';
import { showRows } from './show.ts';

type Live = { cursor: string | undefined; readonly rows: Map<string, Row>; places: Places | undefined; refreshedAt: number; /** The own columns that its rows were read for. */ own?: string; /** Rows that the service no longer has, marked in the sheet: they go at the next refresh. */ left: ReadonlySet<string>; /** Stopped before all of it was written. */ partly?: boolean };
type Published = { readonly sheet: string; readonly rows: readonly { readonly id: string; readonly revision: number; readonly changes: readonly { readonly column: string; readonly before?: unknown; readonly after?: unknown }[] }[] };
export type Preview = { readonly sheet: string; readonly batchId: string; readonly rows: readonly PublishRow[]; readonly changes: number; readonly effects: readonly { readonly zh: string; readonly en: string }[] };
export type DeskState = {
  readonly busy: string; readonly progress: number; /** How many rows there will be, where that is known. */ readonly total: number; readonly drafts: readonly Draft[]; readonly preview: Preview | undefined; readonly refreshed: Readonly<Record<string, { readonly at: number; readonly rows: number }>>;
  /** The sheet of ours that is selected, whatever the cell. */ readonly on: string | undefined;
  readonly selected: { readonly sheet: string; readonly row: Row; readonly column: string | undefined } | undefined; readonly said: { readonly kind: 'done' | 'bad' | 'told'; readonly words: string } | undefined; readonly offline: boolean;
  /** The last publish, which can be taken back. */
  readonly published: Published | undefined;
};
const PENDING = 'suanpan.pending';
const PAGE = 2000;
/** From here on a refresh tells how far it is. */
const BIG = 1_000;
/** Whole columns that were cleared are looked at this far. */
/** How often a sheet may be renamed while one edit is read. */
const MOST_RENAMED = 3;
const MOST_EDITED = 60_001;
/** Notes at once: what is wrong beyond is painted, and listed in the pane. */
const MOST_NOTES = 200;

export class Desk {
  readonly port: SpreadsheetPort;
  readonly client: Client;
  /** Sheets with the columns that the company added. */
  readonly own = new OwnSheets();
  state: DeskState = { busy: '', progress: 0, total: 0, drafts: [], preview: undefined, refreshed: {}, on: undefined, selected: undefined, said: undefined, offline: false, published: undefined };
  readonly #live = new Map<string, Live>();
  readonly #listeners = new Set<() => void>();
  #line: Promise<unknown> = Promise.resolve();
  /** Edits that wait for their turn. */
  readonly #typed: Spot[] = [];

  constructor(port: SpreadsheetPort, client: Client) {
    this.port = port;
    this.client = client;
  }
  get lang(): 'zh' | 'en' { return this.port.lang; }
  listen(listener: () => void): () => void { this.#listeners.add(listener); return () => void this.#listeners.delete(listener); }
  set(next: Partial<DeskState>): void {
    this.state = { ...this.state, ...next };
    for (const listener of this.#listeners) listener();
  }
  say(kind: 'done' | 'bad' | 'told', zh: string, en: string): void { this.set({ said: { kind, words: this.lang === 'zh' ? zh : inEnglish(en) } }); }

  async start(): Promise<void> {
    await this.own.load(this.client);
    this.set({ drafts: draftsOf(await this.port.part(DRAFTS_NAMESPACE)) });
    await this.port.onEdit((spot) => { this.#typed.push(spot); return this.#inLine(() => this.#edited(spot)).finally(() => this.#typed.splice(this.#typed.indexOf(spot), 1)); });
    await this.port.onSelection((spot) => this.#inLine(() => this.#selectedAt(spot)));
    const pending = await this.port.setting<{ sheet: string; batchId: string; rows: PublishRow[] } | null>(PENDING);
    // A publish that was cut off after sending: the same batch again answers what it did.
    if (pending) await this.#send({ ...pending, changes: 0, effects: [] });
  }
  /** One thing at a time: an edit in the middle of a refresh is looked at after it. */
  #inLine<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#line.then(work, work);
    this.#line = next.catch(() => undefined);
    return next;
  }
  /** Sheets of ours as they are called now, by what they are; filled whenever a sheet is looked for. */
  readonly #called = new Map<string, string>();
  sheetTitled(title: string): Sheet | undefined {
    const role = [...this.#called].find(([, name]) => name === title)?.[0];
    return role === undefined ? SHEETS.find((s) => !this.#called.has(s.name) && (s.title.zh === title || s.title.en === title)) : this.own.sheet(role);
  }
  titleOf(name: string): string { return this.#called.get(name) ?? this.own.sheet(name)!.title[this.lang]; }
  /** The name of a sheet of ours: people rename sheets, and copy them. */
  async #find(sheet: Sheet): Promise<string | undefined> {
    let name = await this.port.sheetOf(sheet.name);
    for (const title of name === undefined ? [sheet.title[this.lang], sheet.title.zh, sheet.title.en] : []) {
      // Made before sheets were marked, or by hand: taken over when nothing else claims it.
      if (name !== undefined || !(await this.port.hasSheet(title)) || (await this.port.roleOf(title)) !== undefined) continue;
      await this.port.mark(title, sheet.name);
      name = title;
    }
    if (name === undefined) this.#called.delete(sheet.name); else this.#called.set(sheet.name, name);
    return name;
  }
  async #ensure(sheet: Sheet): Promise<{ readonly title: string; readonly made: boolean }> {
    const found = await this.#find(sheet);
    if (found !== undefined) return { title: found, made: false };
    const title = sheet.title[this.lang];
    await this.port.ensureSheet(title);
    await this.port.mark(title, sheet.name);
    this.#called.set(sheet.name, title);
    return { title, made: true };
  }
  async #placesOf(sheet: Sheet, title: string, wanted?: Wanted): Promise<Places> {
    const places = await look(this.port, sheet, this.lang, title, wanted);
    const live = this.#live.get(sheet.name);
    if (live) live.places = places;
    return places;
  }
  async #sheetAt(spot: Spot): Promise<Sheet | undefined> {
    const role = await this.port.roleOf(spot.sheetId ?? spot.sheet);
    const sheet = role === undefined ? undefined : this.own.sheet(role);
    if (sheet) this.#called.set(sheet.name, spot.sheet);
    return sheet;
  }

  /** Shows a sheet, made and filled when it is not there. */
  async open(name: string): Promise<void> {
    await this.refresh(name);
    await this.port.show(this.titleOf(name));
  }

  #stop = false;
  /** Ends a refresh under way at its next page. */
  cancel(): void { this.#stop = true; }
  refresh(name: string): Promise<void> { return this.#inLine(() => this.#refresh(name)); }
  async #refresh(name: string): Promise<void> {
    this.set({ busy: name, progress: 0, total: 0 });
    try {
      await this.own.load(this.client);
      const sheet = this.own.sheet(name);
      if (!sheet) return;
      this.#stop = false;
      const { title, made } = await this.#ensure(sheet);
      const there = made ? undefined : this.#live.get(name);
      const live = there?.own === this.own.stamp(name) ? there : undefined;
      const state: Live = live ?? { cursor: undefined, rows: new Map(), places: undefined, refreshedAt: 0, left: there?.left ?? new Set(), own: this.own.stamp(name) };
      const whole = state.cursor === undefined;
      const changed = await this.#pull(sheet, state);
      this.#live.set(name, state);
      if (!live) for (const spot of await placeOwn(this.port, sheet, this.lang, title)) await this.#edited(spot);
      await this.#show(sheet, title, state, live && !state.partly ? changed : [...state.rows.values()], { made, whole });
      state.refreshedAt = Date.now();
      this.set({ refreshed: { ...this.state.refreshed, [name]: { at: state.refreshedAt, rows: state.rows.size } }, offline: false });
      await this.#heading(sheet, title, state);
    } catch (error) {
      if (error instanceof ApiProblem) this.set({ offline: error.status === 0, said: { kind: 'bad', words: error.message } });
      throw error;
    } finally {
      this.set({ busy: '' });
    }
  }
  async #pull(sheet: Sheet, live: Live): Promise<Row[]> {
    const changed = new Map<string, Row>();
    for (let more = true; more;) {
      const page = await this.client.list(sheet.noun, live.cursor, PAGE);
      for (const row of page.rows as Row[]) {
        if (row['gone'] === true) live.rows.delete(row.id); else live.rows.set(row.id, row);
        changed.set(row.id, row);
      }
      // Stopped between two pages: the cursor stays, the next refresh goes on from here.
      if (this.#stop) { this.say('told', '已停止，下次刷新接着取。', 'Stopped; the next refresh goes on from here.'); more = false; ({ cursor: live.cursor } = page); break; }
      ({ cursor: live.cursor, more } = page);
      this.set({ progress: live.rows.size });
    }
    return [...changed.values()];
  }

  async #show(sheet: Sheet, title: string, live: Live, rows: readonly Row[], how: { readonly made: boolean; readonly whole: boolean }): Promise<void> {
    const drafts = new Set(this.state.drafts.map(draftKey));
    const shown = await showRows({
      port: this.port, sheet, lang: this.lang, title, made: how.made, rows, all: live.rows, whole: how.whole && !this.#stop, left: live.left,
      // What somebody typed a moment ago waits in the line, and is no draft yet.
      keep: (id, column, at) => drafts.has(draftKey({ sheet: sheet.name, id, column })) || this.#typed.some((t) => t.sheet === title && at.row >= t.row && at.row < t.row + t.rows && at.column >= t.column && at.column < t.column + t.columns),
      going: (done, of) => { if (of > BIG) this.set({ progress: done, total: of }); return !this.#stop; },
    });
    live.left = new Set(shown.left);
    live.places = shown.places;
    live.partly = !shown.complete;
    if (live.partly) this.say('told', '已停止，下次刷新接着写。', 'Stopped; the next refresh goes on from here.');
    await this.#paintDrafts(sheet.name);
  }

  /** The row above the table: what this is, how old, how many rows, how many drafts. */
  async #heading(sheet: Sheet, title: string, live: Live): Promise<void> {
    const time = new Date(live.refreshedAt + 28_800_000).toISOString().slice(11, 16);
    const drafts = this.state.drafts.filter((d) => d.sheet === sheet.name).length;
    const empty = live.rows.size === 0 && sheet.empty ? sheet.empty[this.lang] : undefined;
    const words = empty ?? (this.lang === 'zh' ? `${title} · ${live.rows.size} 行 · ${time} 更新${drafts > 0 ? ` · ${drafts} 处草稿` : ''}` : inEnglish(`${title} · ${live.rows.size} rows · updated ${time}${drafts > 0 ? ` · ${drafts} drafts` : ''}`));
    const places = live.places;
    // In the row above the titles, over our first column; a sheet without room for it goes without.
    const [row, column] = [(places?.header ?? HEADER_ROW) - 1, places?.columns.find((c) => c !== undefined) ?? 1];
    if (row < 0) return;
    await this.port.write(title, [{ row, column, values: [[words]] }]);
    await this.port.paint(title, [{ row, column, look: 'muted' }]);
  }

  /** A person changed cells: each is read at once, and becomes a draft, good or bad; what is not theirs to edit goes back. */
  async #edited(spot: Spot): Promise<void> {
    const sheet = await this.#sheetAt(spot);
    const live = sheet && this.#live.get(sheet.name);
    if (!sheet || !live) return;
    for (let tries = 1; ; tries += 1) {
      const title = (await this.#find(sheet)) ?? spot.sheet;
      try {
        return await this.#read(sheet, live, title, spot);
      } catch (error) {
        // Renamed under our hands: what was typed is looked for under its new name.
        if (tries === MOST_RENAMED || (await this.#find(sheet)) === title) throw error;
      }
    }
  }
  async #read(sheet: Sheet, live: Live, title: string, spot: Spot): Promise<void> {
    const places = await this.#placesOf(sheet, title, { from: spot.row, count: Math.min(spot.rows, MOST_EDITED) });
    const idAt = new Map([...places.rows].map(([id, row]) => [row, id]));
    const drafts = new Map(this.state.drafts.map((d) => [draftKey(d), d]));
    const back: { row: number; column: number; values: Cell[][] }[] = [];
    const paint: Paint[] = [];
    const notes: { row: number; column: number; words: string | undefined }[] = [];
    const touched = new Set<string>();
    for (let r = Math.max(spot.row, places.header + 1); r < spot.row + spot.rows && r < places.nextRow; r += 1) {
      const row = live.rows.get(idAt.get(r) ?? '');
      if (!row) continue;
      touched.add(row.id);
      sheet.columns.forEach((column, i) => {
        const c = places.columns[i];
        if (c === undefined || c < spot.column || c >= spot.column + spot.columns) return;
        const [now, shown] = [places.at(r, c), cellOf(column, row, this.lang)];
        const key = draftKey({ sheet: sheet.name, id: row.id, column: column.key });
        const wrong = drafts.get(key)?.problem !== undefined;
        if (sameCell(now, shown)) {
          if (drafts.delete(key)) paint.push({ row: r, column: c, look: 'plain' });
        } else if (!column.editable) back.push({ row: r, column: c, values: [[shown]] });
        else {
          const draft = this.#draftOf(sheet, column.key, row, now, shown);
          drafts.set(key, draft);
          paint.push({ row: r, column: c, look: draft.problem ? 'bad' : 'draft' });
        }
        const note = this.#noteOf(drafts.get(key));
        if (wrong || note !== undefined) notes.push({ row: r, column: c, words: note });
      });
    }
    if (back.length > 0) {
      await this.port.write(title, back);
      this.say('told', '这一列由系统算出，不能在表里改，已恢复。', 'This column is worked out by the system and cannot be edited; it was put back.');
    }
    const checked = await checkPairs(this.client, sheet, [...drafts.values()], touched);
    const named = await nameDrafts(this.client, this.lang, sheet, checked.drafts);
    if (named.changed.length > 0) await this.port.write(title, named.changed.flatMap((d) => this.#spotOf(d, places.rows, places.columns).map((at) => ({ ...at, values: [[d.value ?? '']] }))));
    for (const d of checked.right) for (const at of this.#spotOf(d, places.rows, places.columns)) { paint.push({ ...at, look: 'draft' }); notes.push({ ...at, words: undefined }); }
    for (const d of [...named.wrong, ...checked.wrong]) for (const at of this.#spotOf(d, places.rows, places.columns)) { paint.push({ ...at, look: 'bad' }); notes.push({ ...at, words: this.#noteOf(d) }); }
    await this.#keepDrafts(named.drafts);
    await this.port.paint(title, paint);
    await this.port.notes(title, notes.slice(0, MOST_NOTES));
    if (paint.length > 0) await this.#heading(sheet, title, live);
  }
  #draftOf(sheet: Sheet, key: string, row: Row, now: Cell, shown: Cell): Draft {
    const column = sheet.columns.find((c) => c.key === key)!;
    const value: CellValue = now === '' ? null : now;
    const read = parseCell(column, value);
    return { sheet: sheet.name, id: row.id, column: key, revision: row.revision, value, before: shown, ...(read.ok ? {} : { problem: { code: read.refusal.code, words: read.refusal.message[this.lang], kind: 'bad' as const } }) };
  }
  async #keepDrafts(drafts: readonly Draft[]): Promise<void> {
    this.set({ drafts, preview: undefined });
    await this.port.keepPart(DRAFTS_NAMESPACE, drafts.length > 0 ? draftsXml(drafts) : undefined);
  }
  async #paintDrafts(name: string): Promise<void> {
    const live = this.#live.get(name);
    const sheet = this.own.sheet(name)!;
    const mine = this.state.drafts.filter((d) => d.sheet === name);
    if (mine.length === 0 || !live) return;
    const title = await this.#find(sheet);
    if (title === undefined) return;
    const places = await this.#placesOf(sheet, title);
    await this.port.paint(title, mine.flatMap((d) => this.#spotOf(d, places.rows, places.columns).map((at): Paint => ({ ...at, look: d.problem ? d.problem.kind : 'draft' }))));
    await this.port.notes(title, mine.filter((d) => d.problem).slice(0, MOST_NOTES).flatMap((d) => this.#spotOf(d, places.rows, places.columns).map((at) => ({ ...at, words: this.#noteOf(d) }))));
  }
  #noteOf(d: Draft | undefined): string | undefined { return d?.problem && `${d.problem.words}${'theirs' in d.problem ? ` · ${d.problem.by ?? ''}: ${String(d.problem.theirs ?? '')}` : ''}`; }
  #spotOf(d: Draft, rows: ReadonlyMap<string, number>, columns: readonly (number | undefined)[]): { row: number; column: number }[] {
    const row = rows.get(d.id);
    const column = columns[this.own.sheet(d.sheet)!.columns.findIndex((c) => c.key === d.column)];
    return row === undefined || column === undefined ? [] : [{ row, column }];
  }

  async #selectedAt(spot: Spot): Promise<void> {
    const sheet = await this.#sheetAt(spot);
    const live = sheet && this.#live.get(sheet.name);
    if (!sheet || !live || spot.row <= (live.places?.header ?? HEADER_ROW)) return this.set({ on: sheet?.name, selected: undefined });
    const ids = (await this.port.readAt({ ...spot, column: live.places?.idColumn ?? 0, rows: Math.min(spot.rows, MOST_LISTS), columns: 1 })).map((l) => String(l[0] ?? ''));
    const row = live.rows.get(ids[0] ?? '');
    this.set({ on: sheet.name, selected: row ? { sheet: sheet.name, row, column: sheet.columns[live.places?.columns.indexOf(spot.column) ?? spot.column - 1]?.key } : undefined });
    if (live.places) await listsAt(this.port, this.client, sheet, spot, { columns: live.places.columns, ids, drafts: this.state.drafts });
  }
  /** Rows of the selection, for commands on many. */
  async selectedIds(): Promise<{ readonly sheet: string; readonly ids: readonly string[] }> {
    const spot = await this.port.selection();
    const sheet = await this.#sheetAt(spot);
    if (!sheet) return { sheet: '', ids: [] };
    const places = this.#live.get(sheet.name)?.places;
    const from = Math.max(spot.row, (places?.header ?? HEADER_ROW) + 1);
    const rows = Math.min(spot.rows - (from - spot.row), 500);
    if (rows < 1) return { sheet: sheet.name, ids: [] };
    const cells = await this.port.readAt({ sheet: spot.sheet, row: from, column: places?.idColumn ?? 0, rows, columns: 1 });
    return { sheet: sheet.name, ids: cells.map((c) => String(c[0] ?? '')).filter((id) => id !== '') };
  }
  /** A sheet of ours under this title as it stands now, when it has been filled. */
  async ours(title: string, wanted?: Wanted): Promise<Ours | undefined> {
    const sheet = await this.#sheetAt({ sheet: title, row: 0, column: 0, rows: 1, columns: 1 });
    const live = sheet && this.#live.get(sheet.name);
    return sheet && live ? { sheet, places: await look(this.port, sheet, this.lang, title, wanted), row: (id) => live.rows.get(id) } : undefined;
  }
  /** The cell of a figure, its sheet opened when it is not there yet. */
  async jumpToFigure({ noun, id, field }: FigureRef): Promise<void> {
    const sheet = this.own.ofNoun(noun);
    const column = sheet?.columns.find((c) => c.field === field);
    if (!sheet || !column) return;
    if (!this.#live.has(sheet.name)) await this.open(sheet.name);
    await this.port.show(this.titleOf(sheet.name));
    await this.jumpTo({ sheet: sheet.name, id, column: column.key });
  }
  /** The user's own column that is selected, to be made a field. */
  async userColumn(): Promise<UserColumn | undefined> {
    const spot = await this.port.selection();
    const sheet = await this.#sheetAt(spot);
    return sheet && userColumnAt(this.port, this.lang, spot, sheet);
  }
  /** The sheets that have been filled here, with their rows. */
  filled(): { readonly sheet: Sheet; readonly rows: readonly Row[] }[] { return [...this.#live].flatMap(([name, live]) => { const sheet = this.own.sheet(name); return sheet ? [{ sheet, rows: [...live.rows.values()] }] : []; }); }
  /** A cell as a person calls it: the row by its first column, and the column's title. */
  cellName({ sheet: name, id, column }: Pick<Draft, 'sheet' | 'id' | 'column'>): string {
    const sheet = this.own.sheet(name);
    const [first, row] = [sheet?.columns[0], this.row(name, id)];
    return [row && first ? String(cellOf(first, row, this.lang)) : '', sheet?.columns.find((c) => c.key === column)?.title[this.lang] ?? ''].filter(Boolean).join(' · ');
  }
  row(sheet: string, id: string): Row | undefined { return this.#live.get(sheet)?.rows.get(id); }

  /** Shows what a publish would do. Bad cells come first: with them nothing is sent. */
  async preview(name: string): Promise<Preview | undefined> {
    const drafts = this.state.drafts.filter((d) => d.sheet === name);
    const bad = drafts.filter((d) => d.problem?.kind === 'bad' && d.problem.code !== 'refused' && !d.problem.asked);
    if (bad.length > 0) {
      this.say('bad', `有 ${bad.length} 格看不懂，先改好：${bad[0]!.problem!.words}`, `${bad.length} cells cannot be read; mend them first: ${bad[0]!.problem!.words}`);
      await this.jumpTo(bad[0]!);
      return undefined;
    }
    if (drafts.length === 0) return undefined;
    const batch = { sheet: name, batchId: batchId(), rows: rowsOf(drafts) };
    this.set({ busy: name, said: undefined });
    try {
      const answer = await this.client.call('publishSheet', { params: { sheet: name }, query: { dryRun: 'true' }, body: { batchId: batch.batchId, rows: batch.rows.map((r) => ({ ...r, cells: { ...r.cells }, base: { ...r.base } })) } });
      const preview: Preview = { ...batch, changes: answer.rows.reduce((n, r) => n + r.changes.length, 0), effects: answer.effects };
      this.set({ preview });
      return preview;
    } catch (error) {
      await this.#refused(batch, error);
      return undefined;
    } finally {
      this.set({ busy: '' });
    }
  }
  async publish(preview: Preview): Promise<boolean> {
    await this.port.saveSetting(PENDING, { sheet: preview.sheet, batchId: preview.batchId, rows: preview.rows });
    return this.#send(preview);
  }
  async #send(batch: Preview): Promise<boolean> {
    this.set({ busy: batch.sheet });
    try {
      const answer = await this.client.call('publishSheet', { params: { sheet: batch.sheet }, key: batch.batchId, body: { batchId: batch.batchId, rows: batch.rows.map((r) => ({ ...r, cells: { ...r.cells }, base: { ...r.base } })) } });
      const sent = new Set(batch.rows.flatMap((r) => Object.keys(r.cells).map((column) => draftKey({ sheet: batch.sheet, id: r.id, column }))));
      await this.#unpaint(this.state.drafts.filter((d) => sent.has(draftKey(d))));
      await this.#keepDrafts(this.state.drafts.filter((d) => !sent.has(draftKey(d))));
      await this.port.saveSetting(PENDING, null);
      this.set({ published: { sheet: batch.sheet, rows: answer.rows.filter((r) => r.changes.length > 0) } });
      const changes = answer.rows.reduce((n, r) => n + r.changes.length, 0);
      const effects = answer.effects.map((e) => e[this.lang]).join('；');
      this.say('done', `已发布 ${changes} 处修改。${effects}`, `${changes} changes published. ${effects}`);
      await this.refresh(batch.sheet);
      return true;
    } catch (error) {
      await this.#refused(batch, error);
      return false;
    } finally {
      this.set({ busy: '' });
    }
  }
  /** Nothing was written: every refused cell is marked where it is, with its reason; a conflict shows both values. */
  async #refused(batch: Pick<Preview, 'sheet' | 'rows'>, error: unknown): Promise<void> {
    if (!(error instanceof ApiProblem)) throw error;
    if (error.status !== 0) await this.port.saveSetting(PENDING, null);
    const wrong = new Map(error.errors.map((e) => [`${e.id ?? batch.rows[(e.row ?? 0) - 1]?.id ?? ''}|${e.column ?? ''}`, e]));
    const drafts = this.state.drafts.map((d): Draft => {
      const e = d.sheet === batch.sheet ? wrong.get(`${d.id}|${d.column}`) : undefined;
      if (!e) return d;
      // A batch can be refused for both: what somebody else changed, and what is wrong by itself.
      const kind = 'theirs' in e || e.code === 'row_gone' ? ('conflict' as const) : ('bad' as const);
      return { ...d, problem: { code: 'refused', words: e.message, kind, ...('theirs' in e ? { theirs: e.theirs } : {}), ...(e.by ? { by: e.by } : {}), ...(e.at ? { at: e.at } : {}) } };
    });
    await this.#keepDrafts(drafts);
    this.set({ offline: error.status === 0, said: { kind: 'bad', words: this.lang === 'zh' ? error.message : inEnglish(error.message) } });
    await this.#paintDrafts(batch.sheet);
  }
  /** A draft gets a value chosen in the pane, as if it had been typed; its cell shows it. */
  async choose(draft: Pick<Draft, 'sheet' | 'id' | 'column' | 'revision'>, value: string): Promise<void> {
    const [sheet, row] = [this.own.sheet(draft.sheet), this.row(draft.sheet, draft.id)];
    const title = sheet && (await this.#find(sheet));
    if (!sheet || !row || title === undefined) return;
    const shown = cellOf(sheet.columns.find((c) => c.key === draft.column)!, row, this.lang);
    const others = this.state.drafts.filter((d) => draftKey(d) !== draftKey(draft));
    await this.#unpaint(this.state.drafts.filter((d) => draftKey(d) === draftKey(draft)));
    const made = sameCell(value, shown) ? [] : [this.#draftOf(sheet, draft.column, row, value, shown)];
    await this.#keepDrafts([...others, ...made]);
    const places = await this.#placesOf(sheet, title);
    await this.port.write(title, this.#spotOf({ ...draft, value, before: shown }, places.rows, places.columns).map((at) => ({ ...at, values: [[value]] })));
    await this.#paintDrafts(sheet.name);
  }
  /** My value over theirs: the draft now stands on the row as it is. Theirs over mine: the draft goes. */
  async resolve(draft: Draft, take: 'mine' | 'theirs'): Promise<void> {
    await this.refresh(draft.sheet);
    const row = this.row(draft.sheet, draft.id);
    const { problem: _problem, ...rest } = draft;
    const others = this.state.drafts.filter((d) => draftKey(d) !== draftKey(draft));
    const column = this.own.sheet(draft.sheet)!.columns.find((c) => c.key === draft.column)!;
    await this.#keepDrafts(take === 'mine' && row ? [...others, { ...rest, revision: row.revision, before: cellOf(column, row, this.lang) }] : others);
    if (take === 'theirs') return this.#putBack([draft]);
    await this.#unpaint([draft]);
    await this.#paintDrafts(draft.sheet);
  }
  /** Takes the last publish back as drafts: what was there before, on the rows as they are now, to be looked at and published. */
  async undoPublish(): Promise<void> {
    const { published } = this.state;
    const sheet = published && this.own.sheet(published.sheet);
    if (!published || !sheet) return;
    await this.refresh(published.sheet);
    const inverse = published.rows.flatMap(({ id, changes }) => changes.flatMap(({ column: key, before }): Draft[] => {
      const [column, row] = [sheet.columns.find((c) => c.key === key), this.row(sheet.name, id)];
      if (!column?.editable || !row) return [];
      return [{ sheet: sheet.name, id, column: key, revision: row.revision, value: parsedForCell(column, before, this.lang), before: cellOf(column, row, this.lang) }];
    }));
    const keys = new Set(inverse.map(draftKey));
    await this.#keepDrafts([...this.state.drafts.filter((d) => !keys.has(draftKey(d))), ...inverse]);
    const title = await this.#find(sheet);
    if (title !== undefined) {
      const places = await this.#placesOf(sheet, title);
      await this.port.write(title, inverse.flatMap((d) => this.#spotOf(d, places.rows, places.columns).map((at) => ({ ...at, values: [[d.value ?? '']] }))));
      await this.#paintDrafts(sheet.name);
    }
    this.set({ published: undefined });
    this.say('told', `已把 ${inverse.length} 处改回为草稿，看过后再发布。`, `${inverse.length} changes stand as drafts the other way round; look, then publish.`);
  }
  async discard(name?: string): Promise<void> {
    const gone = this.state.drafts.filter((d) => name === undefined || d.sheet === name);
    await this.#keepDrafts(this.state.drafts.filter((d) => !gone.includes(d)));
    await this.#putBack(gone);
    this.say('told', `已放弃 ${gone.length} 处草稿。`, `${gone.length} drafts discarded.`);
  }
  async #putBack(drafts: readonly Draft[]): Promise<void> {
    for (const name of new Set(drafts.map((d) => d.sheet))) {
      const sheet = this.own.sheet(name)!;
      const title = await this.#find(sheet);
      if (title === undefined) continue;
      const places = await this.#placesOf(sheet, title);
      await this.port.write(title, drafts.filter((d) => d.sheet === name).flatMap((d) => {
        const row = this.row(name, d.id);
        const column = sheet.columns.find((c) => c.key === d.column)!;
        return row ? this.#spotOf(d, places.rows, places.columns).map((at) => ({ ...at, values: [[cellOf(column, row, this.lang)]] })) : [];
      }));
    }
    await this.#unpaint(drafts);
  }
  async #unpaint(drafts: readonly Draft[]): Promise<void> {
    for (const name of new Set(drafts.map((d) => d.sheet))) {
      const sheet = this.own.sheet(name)!;
      const title = await this.#find(sheet);
      if (title === undefined) continue;
      const places = await this.#placesOf(sheet, title);
      const own = drafts.filter((d) => d.sheet === name);
      await this.port.paint(title, own.flatMap((d) => this.#spotOf(d, places.rows, places.columns).map((at): Paint => ({ ...at, look: 'plain' }))));
      await this.port.notes(title, own.filter((d) => d.problem).flatMap((d) => this.#spotOf(d, places.rows, places.columns).map((at) => ({ ...at, words: undefined }))));
    }
  }
  async jumpTo(d: Pick<Draft, 'sheet' | 'id' | 'column'>): Promise<void> {
    const sheet = this.own.sheet(d.sheet)!;
    const title = await this.#find(sheet);
    if (title === undefined) return;
    const places = await this.#placesOf(sheet, title);
    const [at] = this.#spotOf({ ...d, revision: 0, value: null, before: null }, places.rows, places.columns);
    const row = places.rows.get(d.id);
    if (at) await this.port.select({ sheet: title, ...at, rows: 1, columns: 1 });
    else if (row !== undefined) await this.port.select({ sheet: title, row, column: 1, rows: 1, columns: 1 });
  }
}
