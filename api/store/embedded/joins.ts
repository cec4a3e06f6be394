/** Stages that read other collections: $lookup in both forms, $graphLookup, $unionWith. */
import { Long } from 'bson';
import { namedStages, pipelineRows, compileStages, type Context, type Work } from './aggregate.ts';
import { failedToParse, MongoError } from './errors.ts';
import { compile, shape, type Env } from './expression-core.ts';
import { valueMark } from './keys.ts';
import { isRegex } from './match.ts';
import { split, valuesAt } from './paths.ts';
import { PAUSE, type Row } from './rows.ts';
import { gather } from './group.ts';
import { setPath, type Stage } from './stages.ts';
import { isDoc, isNumber, toDouble, typeName, type Doc, type Value } from './values.ts';

/** Answers for the same value are kept; more than so many are not, so that memory stays bounded. */
const MAX_KEPT = 10_000;

function nameOf(stage: string, key: string, v: Value): string {
  if (typeof v !== 'string' || v === '') throw failedToParse(`${stage} argument '${key}' must be a string, found ${typeName(v)}`);
  return v;
}
/** Refuses a wrong pipeline at once, not when the first document comes. */
function checkedPipeline(v: Value, stage: string, context: Context, names: readonly string[]): Doc[] {
  if (v === undefined) return [];
  if (!Array.isArray(v)) throw new MongoError(14, 'TypeMismatch', `'pipeline' option of ${stage} must be specified as an array`);
  compileStages(namedStages(v as Doc[]), { ...context, variables: { ...context.variables, ...Object.fromEntries(names.map((n) => [n, null])) } });
  return v as Doc[];
}

export const lookup: Stage = (arg, env, context) => {
  const spec = shape('$lookup', arg, ['as'], ['from', 'localField', 'foreignField', 'pipeline', 'let']);
  const as = split(nameOf('$lookup', 'as', spec['as']));
  const from = spec['from'] === undefined ? undefined : nameOf('$lookup', 'from', spec['from']);
  const [local, foreign] = [spec['localField'], spec['foreignField']];
  if ((local === undefined) !== (foreign === undefined)) throw failedToParse('$lookup requires both or neither of "localField" and "foreignField" to be specified');
  if (local === undefined && spec['pipeline'] === undefined) throw failedToParse('$lookup requires either \'pipeline\' or both \'localField\' and \'foreignField\' to be specified');
  const own = spec['let'] === undefined ? [] : Object.entries(spec['let'] as Doc).map(([name, e]) => ({ name, value: compile(e, env) }));
  const pipeline = checkedPipeline(spec['pipeline'], '$lookup', context, own.map((o) => o.name));
  if (from === undefined && namedStages(pipeline)[0]?.[0] !== '$documents') throw failedToParse("must specify 'pipeline' when 'from' is empty");
  const parts = local === undefined ? undefined : split(nameOf('$lookup', 'localField', local));
  const to = foreign === undefined ? '' : nameOf('$lookup', 'foreignField', foreign);
  return joining(as, (doc) => {
    const values = parts ? localValues(doc, parts) : [];
    const variables = own.length === 0 ? context.variables : { ...context.variables, ...Object.fromEntries(own.map((o) => [o.name, o.value({ root: doc, vars: context.variables }) ?? null])) };
    const stages = parts ? [{ $match: equalToOne(to, values) }, ...pipeline] : pipeline;
    return { rows: () => pipelineRows({ ...context, variables }, from, stages), mark: own.length === 0 ? valueMark(values) : undefined };
  });
};
/** What is there at the local field, arrays opened; nothing at all joins as null. */
const localValues = (doc: Doc, parts: readonly string[]): Value[] => {
  const values = valuesAt(doc, parts).flatMap((v) => (Array.isArray(v) ? (v as Value[]) : v === undefined ? [] : [v]));
  return values.length === 0 ? [null] : values;
};
/** A regular expression joins with its equal, not with what it matches. */
const equalToOne = (foreign: string, values: readonly Value[]): Doc => {
  const plain = values.filter((v) => !isRegex(v));
  const one = { [foreign]: plain.length === 1 ? { $eq: plain[0] } : { $in: plain } };
  return plain.length === values.length ? one : { $or: [one, ...values.filter(isRegex).map((v) => ({ [foreign]: { $eq: v } }))] };
};

/** Puts into each document the rows that are asked for it; those that ask the same are answered once. */
function joining(as: readonly string[], ask: (doc: Doc) => { rows: () => Iterable<Row>; mark: string | undefined }): Work {
  const kept = new Map<string, Doc[]>();
  return function* joined(docs) {
    for (const doc of docs) {
      if (doc === PAUSE) { yield PAUSE; continue; }
      const { rows, mark } = ask(doc);
      let found = mark === undefined ? undefined : kept.get(mark);
      if (!found) {
        found = [];
        yield* gather(rows(), found, '$lookup');
        if (mark !== undefined && kept.size < MAX_KEPT) kept.set(mark, found);
      }
      yield setPath(doc, as, found);
    }
  };
}

export const graphLookup: Stage = (arg, env, context) => {
  const spec = shape('$graphLookup', arg, ['from', 'startWith', 'connectFromField', 'connectToField', 'as'], ['maxDepth', 'depthField', 'restrictSearchWithMatch']);
  const [from, to] = [nameOf('$graphLookup', 'from', spec['from']), nameOf('$graphLookup', 'connectToField', spec['connectToField'])];
  const connect = split(nameOf('$graphLookup', 'connectFromField', spec['connectFromField']));
  const as = split(nameOf('$graphLookup', 'as', spec['as']));
  const start = compile(spec['startWith'], env);
  const deepest = isNumber(spec['maxDepth']) ? toDouble(spec['maxDepth']) : Infinity;
  const depthField = spec['depthField'] === undefined ? undefined : split(nameOf('$graphLookup', 'depthField', spec['depthField']));
  const restrict = isDoc(spec['restrictSearchWithMatch']) ? spec['restrictSearchWithMatch'] : {};
  return function* graphs(docs) {
    for (const doc of docs) {
      if (doc === PAUSE) { yield PAUSE; continue; }
      const first = start({ root: doc, vars: context.variables });
      const met = new Map<string, Doc>();
      const asked = new Set<string>();
      let wanted: Value[] = Array.isArray(first) ? (first as Value[]) : [first ?? null];
      for (let depth = 0; depth <= deepest; depth += 1) {
        wanted = wanted.filter((v) => !asked.has(valueMark(v)) && asked.add(valueMark(v)));
        if (wanted.length === 0) break;
        const found: Doc[] = [];
        yield* gather(pipelineRows(context, from, [{ $match: { $and: [{ [to]: { $in: wanted } }, restrict] } }]), found, '$graphLookup');
        const fresh = found.filter((d) => !met.has(valueMark(d['_id'])));
        for (const d of fresh) met.set(valueMark(d['_id']), depthField ? setPath(d, depthField, Long.fromNumber(depth)) : d);
        wanted = fresh.flatMap((d) => localValues(d, connect));
      }
      yield setPath(doc, as, [...met.values()]);
    }
  };
};

export const unionWith: Stage = (arg, _env: Env, context) => {
  const spec = isDoc(arg) ? shape('$unionWith', arg, [], ['coll', 'pipeline']) : { coll: arg };
  const coll = spec['coll'] === undefined ? undefined : nameOf('$unionWith', 'coll', spec['coll']);
  const pipeline = checkedPipeline((spec as Doc)['pipeline'], '$unionWith', context, []);
  if (coll === undefined && namedStages(pipeline)[0]?.[0] !== '$documents') throw failedToParse('$unionWith stage without explicit collection must have a pipeline with $documents as first stage');
  return function* united(docs) {
    yield* docs;
    yield* pipelineRows(context, coll, pipeline);
  };
};
