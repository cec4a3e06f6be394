import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { App, Asked } from './store.ts';

export function Block({ title, children, tone }: { readonly title: string; readonly children: ComponentChildren; readonly tone?: 'stopped' | 'waits' }): JSX.Element {
  return <section class={`block ${tone ?? ''}`}><h2>{title}</h2>{children}</section>;
}
type RowProps = { readonly title: string; readonly words?: string | undefined; readonly figure?: string | undefined; readonly tone?: 'stopped' | 'waits' | 'muted' | undefined; readonly onOpen?: (() => void) | undefined };
/** Two lines: what, and why it matters; the number at the right. */
export function Row({ title, words, figure, tone, onOpen }: RowProps): JSX.Element {
  const body = <><span class="what"><b>{title}</b>{words ? <small>{words}</small> : null}</span>{figure === undefined ? null : <span class="figure">{figure}</span>}</>;
  return onOpen ? <button type="button" class={`row ${tone ?? ''}`} onClick={onOpen}>{body}</button> : <div class={`row ${tone ?? ''}`}>{body}</div>;
}
export const Words = ({ children }: { readonly children: ComponentChildren }): JSX.Element => <p class="words">{children}</p>;

/** A skeleton while nothing is there yet, the refusal with a way on, or what was asked for. */
export function Loaded<T>({ asked, children, retry }: { readonly asked: Asked<T>; readonly children: (data: T) => ComponentChildren; readonly retry: string }): JSX.Element {
  if (asked.data !== undefined) return <>{children(asked.data)}</>;
  if (asked.error) return <Block title={asked.error} tone="stopped"><button type="button" class="plain" onClick={asked.again}>{retry}</button></Block>;
  return <div class="skeleton" aria-busy="true"><i /><i /><i /></div>;
}
/** A button that says what it does, waits for it, and shows why it failed. */
export function Act({ label, run, plain, disabled, needs, app }: { readonly label: string; readonly run: () => Promise<unknown>; readonly plain?: boolean; readonly disabled?: boolean; /** The right that it takes: without it the button says who can give it. */ readonly needs?: string; readonly app?: App }): JSX.Element {
  const [state, set] = useState<{ busy: boolean; error: string }>({ busy: false, error: '' });
  const go = (): void => {
    set({ busy: true, error: '' });
    run().then(() => set({ busy: false, error: '' }), (error: unknown) => set({ busy: false, error: error instanceof Error ? error.message : String(error) }));
  };
  const refused = needs !== undefined && app !== undefined && !app.may(needs);
  return <span class="act"><button type="button" class={plain ? 'plain' : 'small'} disabled={disabled || refused || state.busy} title={refused ? app.words('right.none', { right: needs }) : undefined} onClick={go}>{state.busy ? `${label} …` : label}</button>{refused ? <small class="quiet">{app.words('right.none', { right: needs })}</small> : null}{state.error ? <small class="error">{state.error}</small> : null}</span>;
}
