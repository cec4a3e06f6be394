import * as z from 'zod';
import { PROBLEMS } from '../contract/problems.ts';
import type { RouteSpec } from '../contract/route.ts';

const jsonSchema = (schema: z.ZodType, io: 'input' | 'output'): unknown => z.toJSONSchema(schema, { target: 'draft-2020-12', unrepresentable: 'any', io });

type ObjectSchema = { properties?: Record<string, unknown>; required?: string[] };
const parameters = (schema: z.ZodType, place: 'path' | 'query'): unknown[] => {
  const made = jsonSchema(schema, 'input') as ObjectSchema;
  return Object.entries(made.properties ?? {}).map(([name, s]) => ({ name, in: place, required: place === 'path' || (made.required ?? []).includes(name), schema: s }));
};

function operation(spec: RouteSpec): unknown {
  const answer = spec.kind === 'raw' ? { 'text/plain': { schema: { type: 'string' } } } : spec.kind === 'pdf'
    ? { 'application/pdf': { schema: { type: 'string', format: 'binary' } } }
    : { 'application/json': { schema: jsonSchema(spec.response, 'output') } };
  const codes = [...new Set([...spec.problems, 'invalid_request' as const])];
  const body = spec.kind === 'raw' ? { 'text/plain': { schema: { type: 'string' } } } : spec.kind === 'multipart'
    ? { 'multipart/form-data': { schema: { type: 'object', properties: { file: { type: 'array', items: { type: 'string', format: 'binary' } } } } } }
    : { 'application/json': { schema: jsonSchema(spec.body, 'input') } };
  return {
    operationId: spec.name, summary: spec.summary.en, description: spec.summary.zh, 'x-right': spec.right,
    ...(spec.right === 'public' ? { security: [] } : {}),
    parameters: [...parameters(spec.params, 'path'), ...parameters(spec.query, 'query')],
    ...(spec.method === 'GET' ? {} : { requestBody: { content: body } }),
    responses: {
      200: { description: 'done', content: answer },
      ...Object.fromEntries(codes.map((code) => [PROBLEMS[code].status, { description: codes.filter((c) => PROBLEMS[c].status === PROBLEMS[code].status).map((c) => `${c}: ${PROBLEMS[c].en}`).join('\n'), content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } }])),
    },
  };
}

/** OpenAPI 3.1, made from the table of routes. */
export function openApiOf(routes: readonly RouteSpec[], version: string): unknown {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const spec of routes) {
    const path = spec.path.replace(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[spec.method.toLowerCase()] = operation(spec);
  }
  const error = { type: 'object', properties: { row: { type: 'integer' }, column: { type: 'string' }, code: { type: 'string' }, message: { type: 'string' } }, required: ['code', 'message'] };
  return {
    openapi: '3.1.0', info: { title: 'Suanpan', version }, paths, security: [{ bearer: [] }],
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      schemas: { Problem: { type: 'object', required: ['type', 'title', 'status', 'code', 'instance'], properties: { type: { type: 'string' }, title: { type: 'string' }, status: { type: 'integer' }, code: { type: 'string', enum: Object.keys(PROBLEMS) }, instance: { type: 'string' }, errors: { type: 'array', items: error } } } },
    },
  };
}
