/**
 * Places: pairs on a plane, points on the globe. What `2d` and `2dsphere` indexes let be written, what $geoWithin encloses
 * and how far off $near finds something. No query walks these indexes: places are read from the documents. Lines and areas
 * of GeoJSON may be stored, but not asked for. Source: the manual, "Geospatial Queries" and "Legacy Coordinate Pairs".
 */
import { badValue, MongoError } from './errors.ts';
import { valuesAt, split } from './paths.ts';
import { isDoc, isNumber, toDouble, type Doc, type Value } from './values.ts';

export type GeoKind = '2d' | '2dsphere';
type Pair = readonly [number, number];
type Place = { readonly at: Pair; /** Given as GeoJSON: it lies on the globe. */ readonly globe: boolean };
/** MongoDB's radius of the Earth, in metres. */
const EARTH = 6_378_100;
const SHAPES = new Set(['Point', 'LineString', 'Polygon', 'MultiPoint', 'MultiLineString', 'MultiPolygon', 'GeometryCollection']);

function pairOf(v: Value): Pair | undefined {
  const [x, y] = Array.isArray(v) ? (v as Value[]) : isDoc(v) ? Object.values(v) : [];
  return isNumber(x) && isNumber(y) ? [toDouble(x), toDouble(y)] : undefined;
}
const onGlobe = ([longitude, latitude]: Pair): boolean => Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90;
function placeOf(v: Value): Place | undefined {
  const globe = isDoc(v) && v['type'] === 'Point';
  const at = pairOf(globe ? v['coordinates'] : v);
  return at && (!globe || onGlobe(at)) ? { at, globe } : undefined;
}

/** The angle between two points as the centre of the globe sees them, in radians. */
function angle(a: Pair, b: Pair): number {
  const [p, q] = [a, b].map(([longitude, latitude]) => {
    const [l, f] = [longitude * (Math.PI / 180), latitude * (Math.PI / 180)];
    return [Math.cos(f) * Math.cos(l), Math.cos(f) * Math.sin(l), Math.sin(f)] as const;
  }) as [readonly [number, number, number], readonly [number, number, number]];
  const cross = Math.hypot(p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]);
  return Math.atan2(cross, p[0] * q[0] + p[1] * q[1] + p[2] * q[2]);
}
const apart = (a: Pair, b: Pair): number => Math.hypot(a[0] - b[0], a[1] - b[1]);

/** Is the point inside? Counted by the edges to its right; the edges themselves count as MongoDB counts them. */
function inPolygon(corners: readonly Pair[], [x, y]: Pair): boolean {
  let crossed = 0;
  corners.forEach((p, i) => {
    const q = corners[(i + 1) % corners.length]!;
    if (y <= Math.min(p[1], q[1]) || y > Math.max(p[1], q[1]) || x > Math.max(p[0], q[0])) return;
    if (p[0] === q[0] || x <= ((y - p[1]) * (q[0] - p[0])) / (q[1] - p[1]) + p[0]) crossed += 1;
  });
  return crossed % 2 === 1;
}

/** The test of $geoWithin (and of $within, its older name) on one value. */
export function geoWithin(arg: Value): (v: Value) => boolean {
  const [[shape, given], ...more] = isDoc(arg) && Object.keys(arg).length > 0 ? (Object.entries(arg) as [[string, Value], ...[string, Value][]]) : ([['', undefined]] as [[string, Value]]);
  if (shape === '$geometry') throw new MongoError(291, 'NoQueryExecutionPlans', '$geoWithin with $geometry is not supported by this store');
  const parts = Array.isArray(given) ? (given as Value[]) : isDoc(given) ? Object.values(given) : [];
  const inside = more.length === 0 ? enclosing(shape, parts) : undefined;
  if (!inside) throw badValue(`unknown or malformed geo specifier: ${shape}`);
  return (v) => { const place = placeOf(v); return place !== undefined && inside(place.at); };
}
function enclosing(shape: string, parts: readonly Value[]): ((at: Pair) => boolean) | undefined {
  const [first, second] = parts;
  const [one, radius] = [pairOf(first), isNumber(second) && toDouble(second) >= 0 ? toDouble(second) : undefined];
  if (shape === '$center' && one && radius !== undefined) return (at) => apart(at, one) <= radius;
  if (shape === '$centerSphere' && one && radius !== undefined && onGlobe(one)) return (at) => onGlobe(at) && angle(at, one) <= radius;
  const corners = parts.map(pairOf);
  if (!corners.every((c) => c !== undefined)) return undefined;
  const [a, b] = corners;
  if (shape === '$box' && a && b && corners.length === 2) return ([x, y]) => x >= Math.min(a[0], b[0]) && x <= Math.max(a[0], b[0]) && y >= Math.min(a[1], b[1]) && y <= Math.max(a[1], b[1]);
  return shape === '$polygon' && corners.length >= 3 ? (at) => inPolygon(corners, at) : undefined;
}

/** A condition that orders by distance, and the filter without it. */
export type Near = { readonly path: string; readonly kinds: readonly GeoKind[]; readonly rest: Doc; distanceOf(doc: Doc): number | undefined };
export function nearOf(filter: Doc): Near | undefined {
  for (const key in filter) {
    const value = filter[key];
    if (key === '$and' && Array.isArray(value)) {
      const parts = value as Value[];
      for (const [i, part] of parts.entries()) {
        const near = isDoc(part) ? nearOf(part) : undefined;
        if (near) return { ...near, rest: { ...filter, $and: parts.map((p, n) => (n === i ? near.rest : p)) } };
      }
    } else if (isDoc(value) && ('$near' in value || '$nearSphere' in value)) return nearAt(key, value, filter);
  }
  return undefined;
}
function nearAt(path: string, condition: Doc, filter: Doc): Near {
  const { $near, $nearSphere, $minDistance, $maxDistance, ...others } = condition;
  const given = $near ?? $nearSphere;
  const whole = isDoc(given) && '$geometry' in given ? given : { $geometry: given, $minDistance, $maxDistance };
  const from = placeOf(whole['$geometry']);
  if (!from || ($near !== undefined && $nearSphere !== undefined)) throw badValue(`invalid point in geo near query $geometry argument: ${JSON.stringify(given)}`);
  const [least, most] = [limit(whole, '$minDistance', 0), limit(whole, '$maxDistance', Infinity)];
  const sphere = from.globe || $near === undefined;
  const measure = (at: Pair): number | undefined => (!sphere ? apart(at, from.at) : onGlobe(at) ? angle(at, from.at) * (from.globe ? EARTH : 1) : undefined);
  const parts = split(path);
  const { [path]: _gone, ...rest } = filter;
  return {
    path, kinds: from.globe ? ['2dsphere'] : sphere ? ['2d', '2dsphere'] : ['2d'], rest: Object.keys(others).length > 0 ? { ...rest, [path]: others } : rest,
    distanceOf: (doc) => {
      const far = valuesAt(doc, parts).flatMap((v) => (Array.isArray(v) && !pairOf(v) ? (v as Value[]) : [v])).flatMap((v) => { const place = pointOf(v); return (place && measure(place.at)) ?? []; });
      const nearest = Math.min(...far);
      return far.length > 0 && nearest >= least && nearest <= most ? nearest : undefined;
    },
  };
}
function limit(from: Doc, name: string, otherwise: number): number {
  const n = from[name];
  if (n === undefined) return otherwise;
  if (!isNumber(n) || !(toDouble(n) >= 0)) throw badValue(`${name} must be a non-negative number`);
  return toDouble(n);
}
function pointOf(v: Value): Place | undefined {
  if (isDoc(v) && SHAPES.has(String(v['type'])) && v['type'] !== 'Point') throw new MongoError(303, 'NotImplemented', `the distance to a ${String(v['type'])} is not supported by this store`);
  return placeOf(v);
}

/** What an index on places refuses to have written. */
export function assertPlaces(kind: GeoKind, path: string, values: readonly Value[]): void {
  for (const v of values) {
    if (v === undefined || v === null) continue;
    if (kind === '2dsphere' && !isPlace(v)) throw new MongoError(16755, 'Location16755', `Can't extract geo keys: '${path}' is no point, line or area on the globe: ${JSON.stringify(v)}`);
    if (kind === '2dsphere') continue;
    const pairs = pairOf(v) ? [pairOf(v)] : Array.isArray(v) ? (v as Value[]).map(pairOf) : [undefined];
    if (!pairs.every((p) => p !== undefined)) throw new MongoError(13654, 'Location13654', `location object expected, location array not in correct format: '${path}'`);
    if (!pairs.flat().every((n) => n >= -180 && n < 180)) throw new MongoError(13027, 'Location13027', `point not in interval of [ -180, 180 ]: '${path}'`);
  }
}
function isPlace(v: Value): boolean {
  if (isDoc(v) && typeof v['type'] === 'string') {
    const inner = v['type'] === 'GeometryCollection' ? v['geometries'] : v['coordinates'];
    if (!SHAPES.has(v['type']) || !Array.isArray(inner)) return false;
    return v['type'] === 'GeometryCollection' ? (inner as Value[]).every(isPlace) : v['type'] === 'Point' ? placeOf(v) !== undefined : arePairs(inner as Value[]);
  }
  const pair = pairOf(v);
  return pair ? onGlobe(pair) : Array.isArray(v) && v.length > 0 && (v as Value[]).every(isPlace);
}
const arePairs = (list: readonly Value[]): boolean => list.length > 0 && list.every((v) => { const pair = pairOf(v); return pair ? onGlobe(pair) : Array.isArray(v) && arePairs(v as Value[]); });
