/** Random documents, filters, updates and pipelines from a seed. Few names and few values, so that things meet. */
import { Binary, BSONRegExp, Code, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp, UUID } from 'mongodb';
import type { Doc, Value } from './values.ts';

export class Random {
  private state: number;
  constructor(seed: number) { this.state = seed | 0; }
  /** mulberry32 */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
  below(n: number): number { return Math.floor(this.next() * n); }
  chance(p: number): boolean { return this.next() < p; }
  pick<T>(list: readonly T[]): T { return list[this.below(list.length)]!; }
  some<T>(most: number, make: () => T): T[] { return Array.from({ length: this.below(most + 1) }, make); }
  either<T>(...ways: (() => T)[]): T { return this.pick(ways)(); }
}
const int = (n: number): Int32 => new Int32(n);
const decimal = (t: string): Decimal128 => Decimal128.fromString(t);
const SMALL: Value[] = [...[-1, 0, 1, 2, 3, 5].map(int), ...['a', 'b', 'ab', ''], null, true];
const FINITE: Value[] = [...[1, 2, -3].map((n) => Long.fromNumber(n)), Long.fromString('9007199254740993'), ...[0.5, 1, 2, 2.5, -0.1].map((n) => new Double(n)), ...['1', '1.0', '2.50', '0.5', '-7E+3'].map(decimal)];
const RARE: Value[] = [
  ...[NaN, Infinity, -Infinity, -0].map((n) => new Double(n)), ...['NaN', 'Infinity', '-0', '9007199254740992.5'].map(decimal), Long.MAX_VALUE, false, 'A', 'é', '\u{1F600}', '\uFFFD', 'a\0b',
  new ObjectId('64b000000000000000000001'), new ObjectId('64b0000000000000000000ff'), new Date(0), new Date(1000), new Date(-5), new Timestamp({ t: 1, i: 1 }), new Timestamp({ t: 0x90000000, i: 0 }),
  new Binary(Buffer.from([1, 2])), new Binary(Buffer.from([0xff])), new Binary(Buffer.from([1, 2]), 5), new UUID('00112233-4455-6677-8899-aabbccddeeff'), new BSONRegExp('a', ''), new BSONRegExp('^a', 'i'),
  new Code('f'), new Code('f', { a: new Int32(1) }), new MinKey(), new MaxKey(),
];
export const PATHS = ['a', 'b', 'c', 'd', 'a.x', 'b.x', 'a.y', 'c.x', 'c.x.y', 'a.0', 'a.1', 'b.0.x', 'a.x.0'];
const PLAIN = PATHS.filter((p) => !/\d/.test(p));

export class Maker {
  readonly r: Random;
  constructor(r: Random) { this.r = r; }
  scalar(): Value { return this.r.pick(this.r.chance(0.6) ? SMALL : this.r.chance(0.6) ? FINITE : RARE); }
  value(depth = 0): Value {
    const kind = this.r.next();
    if (depth > 2 || kind < 0.5) return this.scalar();
    if (kind < 0.7) return this.r.some(4, () => this.value(depth + 2));
    if (kind < 0.85) return this.r.some(3, () => this.doc(['x', 'y'], depth + 1));
    if (kind < 0.9) return this.r.some(2, () => this.value(depth + 1));
    return this.doc(['x', 'y'], depth + 1);
  }
  doc(names: readonly string[], depth = 0): Doc { return Object.fromEntries(names.filter(() => this.r.chance(0.8)).map((n) => [n, this.value(depth)])); }
  row(id: number): Doc { return { _id: int(id), ...this.doc(['a', 'b', 'c', 'd']) }; }
  path(): string { return this.r.pick(PATHS); }
  plainPath(): string { return this.r.pick(PLAIN); }
  small(): Int32 { return int(this.r.below(4)); }

  filter(depth = 0): Doc {
    if (depth < 2 && this.r.chance(0.25)) return { [this.r.pick(['$and', '$or', '$nor'])]: [this.filter(depth + 1), ...this.r.some(2, () => this.filter(depth + 1))] };
    if (this.r.chance(0.05)) return { $expr: this.comparison() };
    const one = { [this.path()]: this.condition() };
    return this.r.chance(0.25) ? { ...one, [this.path()]: this.condition() } : one;
  }
  private argument(): Value { const v = this.value(1); return v instanceof BSONRegExp ? int(1) : v; }
  condition(): Value {
    if (this.r.chance(0.3)) return this.value(1);
    const first = this.operator();
    return this.r.chance(0.2) ? { ...this.operator(), ...first } : first;
  }
  operator(depth = 0): Doc {
    const r = this.r;
    return r.either<Doc>(
      () => ({ [r.pick(['$gt', '$gte', '$lt', '$lte'])]: this.argument() }), () => ({ [r.pick(['$gt', '$gte', '$lt', '$lte'])]: this.argument(), [r.pick(['$lt', '$lte'])]: this.argument() }),
      () => ({ [r.pick(['$eq', '$ne'])]: this.argument() }), () => ({ [r.pick(['$in', '$in', '$nin'])]: r.some(4, () => this.value(1)) }),
      () => ({ $exists: r.chance(0.6) }), () => ({ $type: r.pick<Value>(['number', 'string', 'array', 'object', 'null', 'int', 'double', 'decimal', 'long', ['date', 'bool'], 'regex']) }),
      () => ({ $mod: [int(r.pick([2, 3, -2])), this.small()] }), () => ({ [r.pick(['$bitsAllSet', '$bitsAnyClear'])]: this.small() }), () => ({ $regex: new BSONRegExp(r.pick(['a', '^a', 'b$', '^ab?', '^']), '') }),
      ...(depth > 0 ? [] : [() => ({ $size: this.small() }), () => ({ $all: r.some(2, () => this.value(1)) }), () => ({ $elemMatch: this.element() }), () => ({ $not: this.operator(1) }), () => ({ $elemMatch: this.element() })]),
    );
  }
  element(): Doc { return this.r.chance(0.5) ? this.operator(1) : { [this.r.pick(['x', 'y', '0'])]: this.condition(), ...(this.r.chance(0.4) ? { y: this.operator(1) } : {}) }; }
  sort(): Doc { return Object.fromEntries(this.r.some(2, () => [this.plainPath(), int(this.r.pick([1, -1]))] as const).concat([[this.plainPath(), int(this.r.pick([1, -1]))]])); }

  projection(): Doc {
    const r = this.r;
    const paths = r.either<string[]>(() => ['a'], () => ['b', 'a.x'], () => ['a.x', 'a.y', 'c'], () => ['c.x.y', 'd'], () => ['b.x']);
    const flag = r.chance(0.5);
    const spec: Doc = Object.fromEntries(paths.map((p) => [p, r.pick<Value>([flag, int(flag ? 1 : 0)])]));
    if (r.chance(0.3)) spec['_id'] = flag ? false : r.chance(0.5) ? false : true;
    if (spec['_id'] === true && !flag) delete spec['_id'];
    if (!paths.includes('d') && r.chance(0.3)) spec['d'] = { $slice: r.either<Value>(() => int(r.below(5) - 2), () => [int(r.below(5) - 2), int(1 + r.below(2))]) };
    else if (!paths.includes('d') && flag && r.chance(0.3)) spec['d'] = { $elemMatch: this.element() };
    else if (!paths.includes('d') && flag && r.chance(0.3)) spec['e'] = this.expression();
    return spec;
  }

  comparison(): Doc { return { [this.r.pick(['$eq', '$ne', '$gt', '$gte', '$lt', '$lte', '$cmp'])]: [this.expression(1), this.expression(1)] }; }
  private ref(): string { return `$${this.plainPath()}`; }
  private number(): Value { return this.r.chance(0.3) ? this.r.pick(FINITE) : this.r.either<Value>(() => this.small(), () => { const p = this.ref(); return { $cond: [{ $in: [{ $type: p }, ['int', 'long', 'decimal']] }, p, null] }; }); }
  expression(depth = 0): Value {
    const r = this.r;
    if (depth > 2 || r.chance(0.35)) return r.chance(0.7) ? this.ref() : { $literal: this.value(1) };
    const e = (): Value => this.expression(depth + 1);
    const list = (): Value => { const p = this.ref(); return { $cond: [{ $isArray: [p] }, p, []] }; };
    return r.either<Value>(
      () => this.comparison(), () => ({ [r.pick(['$add', '$multiply'])]: [this.number(), this.number(), ...r.some(1, () => this.small())] }), () => ({ $subtract: [this.number(), this.number()] }),
      () => ({ [r.pick(['$and', '$or'])]: r.some(3, e) }), () => ({ $not: [e()] }), () => ({ $cond: [e(), e(), e()] }), () => ({ $ifNull: [e(), e()] }), () => ({ [r.pick(['$type', '$isArray', '$isNumber'])]: [e()] }),
      () => { const p = this.ref(); return { $concat: ['p', { $cond: [{ $eq: [{ $type: p }, 'string'] }, p, null] }] }; }, () => ({ $let: { vars: { x: e() }, in: { $eq: ['$$x', e()] } } }), () => ({ [r.pick(['$min', '$max', '$sum', '$avg'])]: r.chance(0.5) ? this.ref() : [e(), e()] }),
      () => ({ $size: list() }), () => ({ $in: [e(), list()] }), () => ({ $arrayElemAt: [list(), int(r.below(4) - 2)] }), () => ({ [r.pick(['$first', '$last'])]: list() }), () => ({ $concatArrays: [list(), [e()]] }),
      () => ({ $reverseArray: list() }), () => ({ $filter: { input: list(), as: 'x', cond: { $gte: ['$$x', e()] } } }), () => ({ $map: { input: list(), as: 'x', in: r.pick<Value>(['$$x', '$$x.x', { v: '$$x' }]) } }),
      () => ({ $reduce: { input: list(), initialValue: [], in: { $concatArrays: ['$$value', ['$$this']] } } }), () => ({ $mergeObjects: [{ k: e() }, { l: this.ref() }] }), () => ({ p: e(), q: [e()] }),
    );
  }

  /** Stages after a first $sort by _id, so that first, last and limits mean something. */
  pipeline(): Doc[] {
    const stages: Doc[] = [{ $sort: { _id: int(1) } }];
    if (this.r.chance(0.4)) stages.unshift({ $match: this.filter() });
    for (let i = 1 + this.r.below(2); i > 0; i -= 1) stages.push(...this.stage());
    return stages;
  }
  private accumulator(): Doc { return { [this.r.pick(['$sum', '$avg', '$min', '$max', '$first', '$last', '$push'])]: this.expression(1) }; }
  private unwind(): Doc { const path = this.ref(); return { $unwind: this.r.chance(0.5) ? path : { path, ...(this.r.chance(0.5) ? { includeArrayIndex: 'i' } : {}), preserveNullAndEmptyArrays: this.r.chance(0.5) } }; }
  private stage(): Doc[] {
    const r = this.r;
    const set = (): Doc => Object.fromEntries([[r.pick(['e', 'a', 'a.x', 'c.x', 'b.y']), this.expression()], ...(r.chance(0.3) ? [['f', this.expression()] as const] : [])]);
    return r.either<Doc[]>(
      () => [{ $match: this.filter() }], () => [{ $project: { ...this.projectionWithoutFind(), n: this.expression() } }], () => [{ [r.pick(['$set', '$addFields'])]: set() }], () => [{ $unset: r.pick<Value>(['a', ['b', 'a.x'], 'c.x.y']) }],
      () => [{ $group: { _id: r.chance(0.2) ? null : this.expression(1), s: this.accumulator(), t: this.accumulator(), n: { $sum: int(1) }, set: { $addToSet: this.ref() } } }, { $set: { set: { $size: '$set' } } }],
      () => [{ $sort: { ...this.sort(), _id: int(1) } }, { $skip: this.small() }, { $limit: int(1 + r.below(6)) }], () => [this.unwind()], () => [{ $sortByCount: this.ref() }], () => [{ $count: 'n' }],
      () => [{ $replaceRoot: { newRoot: { $mergeObjects: [{ k: this.ref() }, { $cond: [{ $eq: [{ $type: '$c' }, 'object'] }, '$c', {}] }] } } }],
      () => [{ $facet: { p: [{ $match: this.filter() }, { $project: { a: true } }], q: [this.unwind(), { $count: 'n' }] } }], () => [{ $unionWith: { coll: 'other', pipeline: [{ $match: this.filter() }] } }],
      () => [{ $lookup: { from: 'other', localField: this.plainPath(), foreignField: this.plainPath(), as: 'j', ...(r.chance(0.3) ? { pipeline: [{ $match: this.filter() }, { $sort: { _id: int(-1) } }] } : { pipeline: [{ $sort: { _id: int(1) } }] }) } }],
      () => [{ $bucket: { groupBy: this.ref(), boundaries: [int(-1), int(1), new Double(2.5), int(10)], default: 'rest', output: { s: this.accumulator() } } }],
      () => [{ $setWindowFields: { partitionBy: r.pick<Value>(['$d', null, { $type: '$a' }]), sortBy: { _id: int(r.pick([1, -1])) }, output: { w: { ...this.accumulator(), window: { documents: r.pick<Value>([['unbounded', 'current'], [int(-1), int(1)], ['current', 'unbounded']]) } }, k: { $documentNumber: {} } } } }],
    );
  }
  private projectionWithoutFind(): Doc { return this.r.chance(0.5) ? { a: true, 'b.x': int(1) } : { 'a.x': true, c: true, _id: false }; }

  update(): Doc {
    const r = this.r;
    const one = (): Doc => r.either<Doc>(
      () => ({ $set: { [this.path()]: this.value(1) } }), () => ({ $set: { [this.path()]: this.value(1) } }), () => ({ $unset: { [this.path()]: '' } }), () => ({ $inc: { [this.path()]: r.pick([...FINITE, int(1), int(2_147_483_647)]) } }), () => ({ $mul: { [this.path()]: r.pick([...FINITE, int(2)]) } }),
      () => ({ [r.pick(['$min', '$max'])]: { [this.path()]: this.value(1) } }), () => ({ $bit: { [this.path()]: { [r.pick(['and', 'or', 'xor'])]: r.pick<Value>([int(5), Long.fromNumber(3)]) } } }), () => ({ $setOnInsert: { [this.path()]: int(1) } }),
      () => ({ $push: { [this.path()]: r.chance(0.4) ? this.value(1) : this.each() } }), () => ({ $addToSet: { [this.path()]: r.chance(0.5) ? this.value(1) : { $each: r.some(3, () => this.value(1)) } } }),
      () => ({ $pull: { [this.path()]: r.chance(0.5) ? this.value(1) : r.chance(0.5) ? this.operator(1) : { x: this.condition() } } }), () => ({ $pullAll: { [this.path()]: r.some(3, () => this.value(1)) } }), () => ({ $pop: { [this.path()]: int(r.pick([1, -1])) } }),
      () => ({ $rename: { [r.pick(['a', 'b', 'a.x', 'c.x'])]: r.pick(['d', 'e', 'd.z']) } }),
    );
    const first = one();
    return r.chance(0.3) ? { ...one(), ...first } : first;
  }
  private each(): Doc {
    const r = this.r;
    return { $each: r.some(3, () => this.value(1)), ...(r.chance(0.3) ? { $position: int(r.below(5) - 2) } : {}), ...(r.chance(0.3) ? { $slice: int(r.below(7) - 3) } : {}), ...(r.chance(0.4) ? { $sort: r.pick<Value>([int(1), int(-1), { x: int(1) }, { x: int(-1), y: int(1) }]) } : {}) };
  }
  updatePipeline(): Doc[] { return [this.r.either<Doc>(() => ({ $set: { [this.r.pick(['a', 'a.x', 'e'])]: this.expression() } }), () => ({ $unset: this.r.pick(['a', 'a.x']) }), () => ({ $replaceRoot: { newRoot: { a: this.ref(), b: this.expression() } } }))]; }
  index(): { key: Doc; options: Doc } {
    const r = this.r;
    const paths = [...new Set([this.path(), ...r.some(2, () => this.path())])];
    if (r.chance(0.15)) return { key: Object.fromEntries([...paths, '_id'].map((p) => [p, r.pick([1, -1])])), options: { unique: true } };
    const key = Object.fromEntries(paths.map((p) => [p, r.pick([1, -1])]));
    if (r.chance(0.15)) return { key, options: { sparse: true } };
    return { key, options: r.chance(0.2) ? { partialFilterExpression: r.pick<Doc>([{ b: { $exists: true } }, { a: { $gt: int(1) } }, { a: { $lte: int(3) }, b: { $exists: true } }, { c: int(1) }]) } : {} };
  }
}
