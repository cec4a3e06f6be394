/**
 * Client objects of Office.js, made from tables of members: what can be loaded, set, called, and where it leads. Every
 * operation waits in the context's queue; a member that is in no table refuses with its name.
 */
import { HostContext } from './context.ts';
import { invalid, notFound, notImplemented, notLoaded, OfficeError } from './errors.ts';

/** `set` writes now, inside the queue; `deep`: left out of a `load()` that names nothing. */
export type Prop<T> = { readonly get?: (target: T, context: HostContext) => unknown; readonly set?: (target: T, value: unknown, context: HostContext) => void | Promise<void>; readonly deep?: true };
export type Kind<T> = {
  readonly name: string;
  readonly props?: Readonly<Record<string, Prop<T>>>;
  /** Objects that always hang at this one: `format`, `worksheet`, `onChanged`. */
  readonly parts?: Readonly<Record<string, (h: Handle<T>) => object>>;
  readonly methods?: Readonly<Record<string, (h: Handle<T>, ...args: never[]) => unknown>>;
  /** A collection: its items, as targets of another kind. */
  readonly items?: (target: T, h: Handle<T>) => readonly object[];
};
/** Operations that look at what cells say. */
const ON_RESULTS = /^(copyFrom|moveTo|apply|reapply|autoFill|replaceAll|find|removeDuplicates|getSpecialCells|getInvalidCells)/;
/** Found by numbers or by the name of a sheet: what waits to be written cannot matter. */
const BY_PLACE = /(\.|^)(workbook|worksheets|getCell\([^)]*\)|getRangeByIndexes\([^)]*\)|getRange\("[A-Z]+\d+(:[A-Z]+\d+)?"\)|format|fill|font|getActiveWorksheet\(\)|worksheets\.getItem(OrNullObject)?\("[^"]*"\))$/;
/** All kinds by name: what the host can do, for its list of members. */
export const KINDS = new Map<string, { readonly props: readonly string[]; readonly parts: readonly string[]; readonly methods: readonly string[]; readonly items: boolean }>();
export function kind<T>(made: Kind<T>): Kind<T> {
  KINDS.set(made.name, { props: Object.keys(made.props ?? {}), parts: Object.keys(made.parts ?? {}), methods: Object.keys(made.methods ?? {}), items: made.items !== undefined });
  return made;
}
type Tree = { [name: string]: Tree };
const handles = new WeakMap<object, Handle<unknown>>();
export const handleOf = <T>(proxy: unknown): Handle<T> => {
  const handle = typeof proxy === 'object' && proxy !== null ? handles.get(proxy) : undefined;
  if (!handle) throw invalid('an object of this context is wanted');
  return handle as Handle<T>;
};
export const isClientObject = (value: unknown): boolean => typeof value === 'object' && value !== null && handles.has(value);

export class Handle<T> {
  readonly kind: Kind<T>;
  readonly context: HostContext;
  readonly path: string;
  readonly #find: () => T | undefined;
  readonly #orNull: boolean;
  readonly #parts = new Map<string, object>();
  #loaded = new Map<string, unknown>();
  #target: T | undefined;
  #resolved = false;
  #settled = false;
  constructor(kind: Kind<T>, context: HostContext, path: string, find: () => T | undefined, orNull: boolean) {
    this.kind = kind;
    this.context = context;
    this.path = path;
    this.#find = find;
    this.#orNull = orNull;
  }
  get orNull(): boolean { return this.#orNull; }
  /** Where the object is; found once, when the queue reaches it, as the host does. */
  found(): T | undefined {
    if (!this.#resolved) {
      if (!BY_PLACE.test(this.path)) this.context.flush();
      this.#target = this.#find();
      this.#resolved = true;
    }
    this.#settled = true;
    return this.#target;
  }
  target(): T {
    const found = this.found();
    if (found === undefined) throw notFound(this.path);
    return found;
  }
  /** The object moved: a table was resized, a range's cells went elsewhere. */
  retarget(target: T): void { this.#target = target; }

  act(op: string, args: readonly unknown[], work: (target: T) => void | Promise<void>): void {
    this.context.enqueue({ op, path: this.path, args }, ON_RESULTS.test(op) ? async () => { await this.#calculated(); await work(this.target()); } : () => work(this.target()));
  }
  /** What is worked out counts, not what was written a moment ago. */
  async #calculated(): Promise<void> { this.context.flush(); await this.context.book.settle(); }
  child<C>(kind: Kind<C>, name: string, find: () => NoInfer<C> | undefined, orNull = this.#orNull || /OrNullObject/.test(name)): object {
    const made = make(kind, this.context, this.path === '' ? name : `${this.path}.${name}`, () => (this.#orNull && this.found() === undefined ? undefined : find()), orNull);
    const handle = handleOf<C>(made);
    const resolve = (): void => void (orNull ? handle.found() : handle.target());
    this.context.enqueue({ op: 'get', path: handle.path, args: [] }, ON_RESULTS.test(name) ? async () => { await this.#calculated(); resolve(); } : resolve);
    return made;
  }
  /** A part hangs at its owner: it asks for nothing by itself. */
  part<C>(kind: Kind<C>, name: string, find: (target: T) => NoInfer<C> | undefined, orNull = this.#orNull): object {
    return make(kind, this.context, this.path === '' ? name : `${this.path}.${name}`, () => { const owner = this.#orNull ? this.found() : this.target(); return owner === undefined ? undefined : find(owner); }, orNull);
  }
  result<R>(name: string, args: readonly unknown[], work: (target: T) => R | Promise<R>): { readonly value: R } {
    let value: { readonly is: R } | undefined;
    const answer = this.context.steps?.answering();
    this.context.enqueue({ op: name, path: this.path, args }, async () => { value = { is: await work(this.target()) }; answer?.(value.is); });
    return { get value(): R { if (!value) throw new OfficeError('ValueNotLoaded', 'The value of the result object has not been loaded yet. Call "context.sync()" before reading it.', name); return value.is; } };
  }

  load(asked: unknown): void {
    const tree = treeOf(asked);
    this.context.steps?.load(this, asked);
    const answer = this.context.steps?.answering();
    this.context.enqueue({ op: 'load', path: this.path, args: asked === undefined ? [] : [asked] }, async () => {
      this.context.flush();
      // Values that are asked for are those after calculation.
      if (this.kind.props?.['values'] && (!tree || ['values', 'text', 'valueTypes', '$all'].some((n) => n in tree))) await this.context.book.settle();
      this.fill(tree);
      answer?.(this.found() === undefined ? null : this.toJSON());
    });
  }
  fill(tree: Tree | undefined): void {
    const target = this.#orNull ? this.found() : this.target();
    if (target === undefined) return;
    const { props = {}, parts = {}, items } = this.kind;
    const names = tree && Object.keys(tree).length > 0 ? tree : undefined;
    const wanted: Tree = !names || '$all' in names ? Object.fromEntries(Object.entries(props).filter(([, p]) => p.get && (!p.deep || names)).map(([name]) => [name, {}])) : names;
    let forItems: Tree | undefined = items && (!names || '$all' in names) ? {} : undefined;
    for (const [name, below] of Object.entries(wanted)) {
      if (name === '$all') continue;
      const prop = props[name];
      if (prop?.get) this.#loaded.set(name, prop.get(target, this.context));
      else if (items && name === 'items') forItems = { ...forItems, ...below };
      else if (parts[name]) handleOf(this.member(name)).fill(below);
      else if (items) forItems = { ...forItems, [name]: below };
      else throw known(this.kind, name) ? invalid(name) : notImplemented(`${this.kind.name}.${name}`);
    }
    if (items && forItems) {
      const list = items(target, this);
      list.forEach((item, index) => { this.context.steps?.origin(handleOf(item), { of: this, index }); handleOf(item).fill(forItems); });
      this.#loaded.set('items', list);
    }
  }
  member(name: string): object {
    let part = this.#parts.get(name);
    if (!part) {
      this.#parts.set(name, (part = this.kind.parts![name]!(this)));
      if (isClientObject(part)) this.context.steps?.origin(handleOf(part), { of: this, name });
    }
    return part;
  }
  read(name: string): unknown {
    if (name === 'isNullObject') {
      if (!this.#settled) throw notLoaded('isNullObject');
      return this.#target === undefined;
    }
    if (!this.#loaded.has(name)) throw notLoaded(name);
    return this.#loaded.get(name);
  }
  write(name: string, value: unknown): void {
    const prop = this.kind.props?.[name];
    if (!prop?.set) throw prop ? invalid(`${this.kind.name}.${name} can only be read`) : notImplemented(`${this.kind.name}.${name}`);
    const { set } = prop;
    this.context.steps?.set(this, name, value);
    this.context.enqueue({ op: 'set', path: `${this.path}.${name}`, args: [value] }, () => set(this.target(), value, this.context));
    if (typeof value !== 'object') this.#loaded.set(name, value);
    else this.#loaded.delete(name);
  }
  /** Several properties at once, parts within parts. */
  set(values: Readonly<Record<string, unknown>>): void {
    for (const [name, value] of Object.entries(values)) {
      if (this.kind.parts?.[name]) handleOf(this.member(name)).set(value as Readonly<Record<string, unknown>>);
      else this.write(name, value);
    }
  }
  toJSON(): object {
    const parts = [...this.#parts].filter(([, p]) => isClientObject(p)).map(([name, p]) => [name, handleOf(p).toJSON()] as const).filter(([, json]) => Object.keys(json).length > 0);
    return { ...Object.fromEntries([...this.#loaded].map(([name, v]) => [name, Array.isArray(v) && v.every(isClientObject) ? v.map((i) => handleOf(i).toJSON()) : v])), ...Object.fromEntries(parts) };
  }
}
const known = <T>(kind: Kind<T>, name: string): boolean => name in (kind.methods ?? {}) || name in (kind.props ?? {});

/** `'a,b/c'`, `['a', 'b/c']`, `{a: true, b: {c: true}}`, `{select, expand, top, skip}`. */
function treeOf(asked: unknown): Tree | undefined {
  if (asked === undefined) return undefined;
  const tree: Tree = {};
  const put = (path: string): void => { let at = tree; for (const step of path.trim().split('/').filter(Boolean)) at = at[step] ??= {}; };
  if (typeof asked === 'string') asked.split(',').forEach(put);
  else if (Array.isArray(asked)) asked.forEach((p) => String(p).split(',').forEach(put));
  else {
    const object = asked as Record<string, unknown>;
    for (const list of [object['select'], object['expand']]) if (list !== undefined) (Array.isArray(list) ? list : String(list).split(',')).forEach((p: unknown) => put(String(p)));
    for (const [name, value] of Object.entries(object)) {
      if (['select', 'expand', 'top', 'skip', '$top', '$skip'].includes(name)) continue;
      if (name === '$all') tree['$all'] = {};
      else if (typeof value === 'object' && value !== null) tree[name] = { ...tree[name], ...treeOf(value) };
      else if (value) tree[name] ??= {};
    }
  }
  return tree;
}

function called<T>(handle: Handle<T>, name: string, method: (h: Handle<T>, ...args: never[]) => unknown, args: never[]): unknown {
  const { steps } = handle.context;
  if (!steps) return method(handle, ...args);
  const as = steps.call(handle, name, args);
  const made = method(handle, ...args);
  if (isClientObject(made)) steps.made(handleOf(made), as);
  return made;
}

export function make<T>(kind: Kind<T>, context: HostContext, path: string, find: () => NoInfer<T> | undefined, orNull = false): object {
  const handle = new Handle(kind, context, path, find, orNull);
  const own: Readonly<Record<string, unknown>> = {
    context, load: (asked?: unknown) => { handle.load(asked); return proxy; }, set: (values: Record<string, unknown>) => handle.set(isClientObject(values) ? handleOf(values).toJSON() as never : values), toJSON: () => handle.toJSON(), track: () => proxy, untrack: () => proxy,
  };
  const proxy: object = new Proxy({}, {
    get: (_, name) => {
      if (typeof name === 'symbol' || name === 'then') return undefined;
      if (name in own) return own[name];
      if (name === 'isNullObject' || kind.props?.[name] || (name === 'items' && kind.items)) return handle.read(name);
      if (kind.parts?.[name]) return handle.member(name);
      const method = kind.methods?.[name];
      if (method) return (...args: never[]) => called(handle, name, method, args);
      throw notImplemented(`${kind.name}.${name}`);
    },
    set: (_, name, value) => { handle.write(String(name), value); return true; },
    has: (_, name) => typeof name === 'string' && (name in own || Boolean(kind.props?.[name] ?? kind.parts?.[name] ?? kind.methods?.[name])),
    getPrototypeOf: () => Object.prototype,
  });
  handles.set(proxy, handle as Handle<unknown>);
  return proxy;
}
