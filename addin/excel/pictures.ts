/** Pictures over the cells: put at the selected cell, and changed in their place, found by their names whichever sheet they are in now. */
type Run = <T>(work: (context: Excel.RequestContext) => Promise<T>) => Promise<T>;

/** `name`: by what it is found again. */
export function putPicture(run: Run, base64: string, words: string, name?: string): Promise<void> {
  return run(async (context) => {
    const range = context.workbook.getSelectedRange();
    range.load('left,top');
    await context.sync();
    const shape = context.workbook.worksheets.getActiveWorksheet().shapes.addImage(base64);
    shape.left = range.left;
    shape.top = range.top;
    shape.altTextDescription = words;
    if (name) shape.name = name;
    await context.sync();
  });
}
/** False: nobody has it any more. Place, size and name stay as the person left them. */
export function changePicture(run: Run, name: string, base64: string, words: string): Promise<boolean> {
  return run(async (context) => {
    const { worksheets } = context.workbook;
    worksheets.load('items/id');
    await context.sync();
    const found = worksheets.items.map((sheet) => ({ sheet, shape: sheet.shapes.getItemOrNullObject(name) }));
    for (const { shape } of found) shape.load('left,top,width,height');
    await context.sync();
    const there = found.filter(({ shape }) => !shape.isNullObject);
    for (const { sheet, shape: old } of there) {
      const { left, top, width, height } = old;
      old.delete();
      Object.assign(sheet.shapes.addImage(base64), { left, top, width, height, altTextDescription: words, name });
    }
    await context.sync();
    return there.length > 0;
  });
}
