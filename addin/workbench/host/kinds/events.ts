import { type Handle, type Kind, kind } from '../object.ts';

/** A handler is there after the next sync, and until `remove` and another. */
export const EVENT: Kind<{ readonly event: string; readonly scope: string | undefined }> = kind({
  name: 'EventHandlers',
  methods: {
    add: (h, run: (event: unknown) => unknown) => {
      let off: (() => void) | undefined;
      h.act('add', [], ({ event, scope }) => { off = h.context.book.on(event, { scope, run }); });
      // Removing works in a context of its own: that of the handler lives on after its run.
      return { context: h.context, remove: () => { const work = (): void => off?.(); try { h.act('remove', [], work); } catch { work(); } } };
    },
    remove: (h) => h.act('remove', [], () => undefined),
  },
});
export const event = <T>(name: string, kind: string, scope: (target: T) => string | undefined) => (h: Handle<T>): object => h.part(EVENT, name, (t) => ({ event: kind, scope: scope(t) }));
