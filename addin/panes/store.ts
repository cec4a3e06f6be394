import { useEffect, useState } from 'preact/hooks';
import { fenFromInteger, yuanForCell } from '../../api/contract/values/money.ts';
import type { Client } from '../client.ts';
import { wordsOf, yuanShort, type Words } from '../i18n/words.ts';
import type { Desk, DeskState } from '../sheets/desk.ts';

export type View = 'why' | 'home' | 'orders' | 'packing' | 'stock' | 'suggestions' | 'profit' | 'reconciliation' | 'customers' | 'rules' | 'activity' | 'settings';
export type App = { readonly desk: Desk; readonly client: Client; readonly words: Words; readonly lang: 'zh' | 'en'; view: View; /** Whether the person who is signed in has a right. */ readonly may: (right: string) => boolean; /** Of the person who is signed in; empty before. */ readonly role: () => string; readonly show: (view: View) => void; /** Counts how often “why” was asked: the pane looks at the selected cell anew. */ asked: number; readonly askWhy: () => void; /** The table that is tried, and how often that was asked. */ trial: { readonly table: string; readonly turn: number }; readonly tryRules: (table: string) => void; readonly listen: (listener: () => void) => () => void };

/** The pane that was open, for a reload: a change of language, a closed pane. */
const VIEW = 'suanpan.view';
export function makeApp(desk: Desk, client: Client, who: () => { readonly role: string; readonly rights: ReadonlySet<string> }): App {
  const listeners = new Set<() => void>();
  const app: App = {
    desk, client, lang: desk.lang, words: wordsOf(desk.lang), view: (globalThis.sessionStorage?.getItem(VIEW) as View | null) ?? 'home', may: (right) => who().rights.has(right), role: () => who().role, listen: (listener) => { listeners.add(listener); return () => void listeners.delete(listener); },
    show: (view) => { app.view = view; globalThis.sessionStorage?.setItem(VIEW, view); for (const listener of listeners) listener(); },
    trial: { table: '', turn: 0 }, tryRules: (table) => { app.trial = { table, turn: app.trial.turn + 1 }; app.show('rules'); },
    asked: 0, askWhy: () => { app.asked += 1; app.show('why'); },
  };
  return app;
}
export function useDesk(app: App): DeskState {
  const [state, set] = useState(app.desk.state);
  useEffect(() => app.desk.listen(() => set(app.desk.state)), [app]);
  return state;
}
export function useView(app: App): View {
  const [view, set] = useState(app.view);
  useEffect(() => app.listen(() => set(app.view)), [app]);
  return view;
}
export type Asked<T> = { readonly data: T | undefined; readonly error: string | undefined; readonly again: () => void };
/** Asks once and then every `everyMs`; keeps what it has while it asks again, so that nothing flickers. */
export function useAsked<T>(ask: () => Promise<T>, everyMs = 10_000, watch: readonly unknown[] = []): Asked<T> {
  const [state, set] = useState<{ data: T | undefined; error: string | undefined }>({ data: undefined, error: undefined });
  const [turn, next] = useState(0);
  useEffect(() => {
    let gone = false;
    const go = (): void => void ask().then((data) => { if (!gone) set({ data, error: undefined }); }, (error: unknown) => { if (!gone) set((s) => ({ ...s, error: error instanceof Error ? error.message : String(error) })); });
    go();
    const timer = setInterval(go, everyMs);
    return () => { gone = true; clearInterval(timer); };
  }, [turn, ...watch]);
  return { ...state, again: () => next((n) => n + 1) };
}
export const yuan = (app: App, fen: number): string => yuanShort(yuanForCell(fenFromInteger(fen)), app.lang);
export function useTrial(app: App): App['trial'] {
  const [trial, set] = useState(app.trial);
  useEffect(() => app.listen(() => set(app.trial)), [app]);
  return trial;
}
export function useAsking(app: App): number {
  const [turn, set] = useState(app.asked);
  useEffect(() => app.listen(() => set(app.asked)), [app]);
  return turn;
}
