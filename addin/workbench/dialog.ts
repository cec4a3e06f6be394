/** Dialogs of `displayDialogAsync`: a page in a frame over the workbench, which speaks by `messageParent`. */
import type { DialogWindow } from './office.ts';

export function openDialog(url: string, options: Readonly<Record<string, unknown>>): DialogWindow {
  const share = (key: string, initial: number): string => `${Math.min(100, Math.max(20, Number(options[key] ?? initial)))}%`;
  const shade = Object.assign(document.createElement('div'), { className: 'dialog' });
  const frame = Object.assign(document.createElement('iframe'), { src: url, title: String(options['displayInIframe'] ? '' : url) });
  Object.assign(frame.style, { width: share('width', 50), height: share('height', 60) });
  const close = Object.assign(document.createElement('button'), { type: 'button', textContent: '×', ariaLabel: '关闭 · Close' });
  shade.append(frame, close);
  document.body.append(shade);
  let [message, closed]: [(m: string) => void, () => void] = [() => undefined, () => undefined];
  const hear = (event: MessageEvent): void => { const data = event.data as { officeDialog?: string } | null; if (event.source === frame.contentWindow && typeof data?.officeDialog === 'string') message(data.officeDialog); };
  globalThis.addEventListener('message', hear);
  const end = (): void => { globalThis.removeEventListener('message', hear); shade.remove(); };
  close.addEventListener('click', () => { end(); closed(); });
  return { close: end, say: (text) => frame.contentWindow?.postMessage({ officeParent: text }, location.origin), onMessage: (f) => { message = f; }, onClosed: (f) => { closed = f; } };
}
