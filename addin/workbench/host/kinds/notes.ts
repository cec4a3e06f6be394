import type { Comment } from '../book.ts';
import type { HostContext } from '../context.ts';
import { exists, invalid, notFound } from '../errors.ts';
import { handleOf, type Handle, type Kind, kind } from '../object.ts';
import { intersect } from '../address.ts';
import { placeOf, type Place } from './place.ts';
import { RANGE } from './range.ts';

/** Notes and comments of the workbook or of one sheet. */
export type Remarks = { readonly sheetId: string | undefined };
const placeGiven = (h: Handle<Remarks>, cell: unknown): Place => (typeof cell === 'string' ? placeOf(h.context, h.target().sheetId ?? h.context.grid.activeSheet(), cell) : handleOf<Place>(cell).target());
type NoteRef = { readonly sheetId: string; readonly row: number; readonly column: number };
const text = (c: HostContext, n: NoteRef): string => { const found = c.grid.notes(n.sheetId).find((x) => x.row === n.row && x.column === n.column); if (!found) throw notFound('Note'); return found.text; };
const NOTE: Kind<NoteRef> = kind({
  name: 'Note', props: { content: { get: (n, c) => text(c, n), set: (n, v, c) => { c.grid.setNote(n.sheetId, n.row, n.column, String(v)); c.book.touched(); } }, authorName: { get: (_, c) => c.book.user }, visible: { get: () => false } },
  methods: { delete: (h) => h.act('delete', [], (n) => { text(h.context, n); h.context.grid.setNote(n.sheetId, n.row, n.column, undefined); h.context.book.touched(); }), getLocation: (h) => h.child(RANGE, 'getLocation()', () => { const n = h.target(); return { sheetId: n.sheetId, area: { row: n.row, column: n.column, rows: 1, columns: 1 } }; }) },
});
const notes = (c: HostContext, of: Remarks): NoteRef[] => c.grid.sheets().filter((s) => of.sheetId === undefined || s.id === of.sheetId).flatMap((s) => c.grid.notes(s.id).map((n) => ({ sheetId: s.id, row: n.row, column: n.column })));
const noteAt = (h: Handle<Remarks>, cell: unknown): NoteRef | undefined => { const p = placeGiven(h, cell); return notes(h.context, { sheetId: p.sheetId }).find((n) => n.row === p.area.row && n.column === p.area.column); };
export const NOTES: Kind<Remarks> = kind({
  name: 'NoteCollection', items: (of, h) => notes(h.context, of).map((n, i) => h.part(NOTE, `getItemAt(${i})`, () => n)),
  methods: {
    add: (h, cell: unknown, content: string) => { h.act('add', [content], () => { const p = placeGiven(h, cell); if (noteAt(h, cell)) throw exists('a note at this cell'); h.context.grid.setNote(p.sheetId, p.area.row, p.area.column, content); h.context.book.touched(); }); return h.child(NOTE, 'add()', () => noteAt(h, cell)); },
    getItem: (h, cell: unknown) => h.child(NOTE, 'getItem()', () => noteAt(h, cell)), getItemOrNullObject: (h, cell: unknown) => h.child(NOTE, 'getItemOrNullObject()', () => noteAt(h, cell)), getItemAt: (h, index: number) => h.child(NOTE, `getItemAt(${index})`, () => notes(h.context, h.target())[index]), getCount: (h) => h.result('getCount', [], (of) => notes(h.context, of).length),
  },
});

const REPLY: Kind<{ readonly comment: Comment; readonly id: string }> = kind({
  name: 'CommentReply', props: { id: { get: (r) => r.id }, content: { get: (r) => r.comment.replies.find((x) => x.id === r.id)?.content, set: (r, v, c) => { const found = r.comment.replies.find((x) => x.id === r.id); if (found) found.content = String(v); c.book.touched(); } }, authorName: { get: (r) => r.comment.replies.find((x) => x.id === r.id)?.author }, creationDate: { get: (r) => new Date(r.comment.replies.find((x) => x.id === r.id)?.at ?? 0) } },
  methods: { delete: (h) => h.act('delete', [], (r) => { r.comment.replies.splice(r.comment.replies.findIndex((x) => x.id === r.id), 1); h.context.book.touched(); }) },
});
const REPLIES: Kind<Comment> = kind({
  name: 'CommentReplyCollection', items: (t, h) => t.replies.map((r) => h.part(REPLY, `getItem("${r.id}")`, () => ({ comment: t, id: r.id }))),
  methods: {
    add: (h, content: string) => { let id: string | undefined; h.act('add', [content], (t) => { id = h.context.book.nextId(); t.replies.push({ id, content, author: h.context.book.user, at: new Date(h.context.book.now()).toISOString() }); h.context.book.touched(); }); return h.child(REPLY, 'add()', () => (id === undefined ? undefined : { comment: h.target(), id })); },
    getCount: (h) => h.result('getCount', [], (t) => t.replies.length), getItemAt: (h, index: number) => h.child(REPLY, `getItemAt(${index})`, () => { const t = h.target(); const r = t.replies[index]; return r && { comment: t, id: r.id }; }),
  },
});
const COMMENT: Kind<Comment> = kind({
  name: 'Comment',
  props: { id: { get: (t) => t.id }, content: { get: (t) => t.content, set: (t, v, c) => { t.content = String(v); c.book.touched(); } }, resolved: { get: (t) => t.resolved, set: (t, v, c) => { t.resolved = v === true; c.book.touched(); } }, authorName: { get: (t) => t.author }, authorEmail: { get: () => '' }, creationDate: { get: (t) => new Date(t.at) }, contentType: { get: () => 'Plain' } },
  parts: { replies: (h) => h.part(REPLIES, 'replies', (t) => t) },
  methods: { delete: (h) => h.act('delete', [], (t) => { const { comments } = h.context.book.extras; comments.splice(comments.indexOf(t), 1); h.context.book.touched(); }), getLocation: (h) => h.child(RANGE, 'getLocation()', () => { const t = h.target(); return { sheetId: t.sheetId, area: { row: t.row, column: t.column, rows: 1, columns: 1 } }; }) },
});
const comments = (c: HostContext, of: Remarks): Comment[] => c.book.extras.comments.filter((t) => of.sheetId === undefined || t.sheetId === of.sheetId);
export const COMMENTS: Kind<Remarks> = kind({
  name: 'CommentCollection', items: (of, h) => comments(h.context, of).map((t) => h.part(COMMENT, `getItem("${t.id}")`, () => t)),
  methods: {
    add: (h, cell: unknown, content: string) => {
      let made: Comment | undefined;
      h.act('add', [content], () => {
        const p = placeGiven(h, cell);
        if (p.area.rows * p.area.columns !== 1) throw invalid('one cell');
        if (comments(h.context, { sheetId: p.sheetId }).some((t) => intersect({ row: t.row, column: t.column, rows: 1, columns: 1 }, p.area))) throw exists('a comment at this cell');
        made = { id: h.context.book.nextId(), sheetId: p.sheetId, row: p.area.row, column: p.area.column, content, author: h.context.book.user, at: new Date(h.context.book.now()).toISOString(), resolved: false, replies: [] };
        h.context.book.extras.comments.push(made);
        h.context.book.touched();
      });
      return h.child(COMMENT, 'add()', () => made);
    },
    getItem: (h, id: string) => h.child(COMMENT, `getItem("${id}")`, () => comments(h.context, h.target()).find((t) => t.id === id)), getItemAt: (h, index: number) => h.child(COMMENT, `getItemAt(${index})`, () => comments(h.context, h.target())[index]),
    getItemByCell: (h, cell: unknown) => h.child(COMMENT, 'getItemByCell()', () => { const p = placeGiven(h, cell); return comments(h.context, { sheetId: p.sheetId }).find((t) => t.row === p.area.row && t.column === p.area.column); }), getCount: (h) => h.result('getCount', [], (of) => comments(h.context, of).length),
  },
});
