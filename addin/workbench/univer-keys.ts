/** What of Univer's cell editor loses keys, mended from outside. */
import type { Univer } from '@univerjs/core';
import { DocSkeletonManagerService } from '@univerjs/docs';
import { DocSelectionRenderService } from '@univerjs/docs-ui';
import { IRenderManagerService } from '@univerjs/engine-render';

/** The editor of cells: it has the keys also while nothing is edited. */
const CELL_EDITOR = '__INTERNAL_EDITOR__DOCS_NORMAL';

/**
 * The focus: some time after its start, and at each selection by a program, Univer takes it, wherever the person is. In
 * Excel a pane keeps the keys until somebody goes back to the sheet: a scan into a field must not land in a cell.
 *
 * The cursor: a cell that is typed over is emptied, and its cursor set, from a layout that may have no lines at that moment.
 * Then there is no cursor, and of what is typed only the first key is taken (Univer 0.25.1: ">=71" over ">=70" left ">").
 * Where a cursor finds no place the text is laid out once more, and the cursor set again.
 */
export function keepKeys(univer: Univer, grid: HTMLElement): void {
  let elsewhere = false;
  document.addEventListener('focusin', (e) => { elsewhere = e.target instanceof Element && e.target.closest('#pane, .dialog') !== null; }, true);
  // Before the press takes the focus from where it was, the grid asks for it.
  grid.addEventListener('pointerdown', () => { elsewhere = false; }, true);
  const away = (): boolean => elsewhere && document.activeElement !== document.body;
  const mended = new WeakSet<DocSelectionRenderService>();
  const mend = (id: string): void => {
    const render = id === CELL_EDITOR ? renders.getRenderById(id) : undefined;
    const editor = render?.with(DocSelectionRenderService);
    if (!render || !editor || mended.has(editor)) return;
    mended.add(editor);
    const [focus, place] = [editor.focus.bind(editor), editor.addDocRanges.bind(editor)];
    editor.focus = () => { if (!away()) focus(); };
    editor.addDocRanges = (ranges, ...how) => {
      place(ranges, ...how);
      if (ranges.length === 0 || editor.getActiveTextRange() || editor.getAllRectRanges().length > 0) return;
      render.with(DocSkeletonManagerService).getSkeleton().calculate();
      place(ranges, ...how);
    };
  };
  const renders = univer.__getInjector().get(IRenderManagerService);
  renders.created$.subscribe((render) => mend(render.unitId));
  mend(CELL_EDITOR);
}
