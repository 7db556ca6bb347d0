import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { sharedFile } from '@/test-support/shared';
import { asJson, type Json } from './harness';

/** Alpaca's own descriptions and examples; nothing of them is in this repository. */
export const CONTRACT_FOLDER = sharedFile('data/alpaca');

/** OpenAPI 3.0 says `nullable: true` where JSON Schema says null is one of the types. */
function translated(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(translated);
  if (typeof value !== 'object' || value === null) return value;
  const schema: Json = Object.fromEntries(Object.entries(value).map(([key, each]) => [key, translated(each)]));
  if (schema.nullable !== true) return schema;
  const { nullable: _, ...rest } = schema;
  return { anyOf: [rest, { type: 'null' }] };
}

const escaped = (text: string): string => text.replaceAll('~', '~0').replaceAll('/', '~1');

interface Operation {
  /** Path as the description writes it, with {names}. */
  readonly template: string;
  readonly method: string;
  readonly pointer: string;
  readonly described: Json;
  readonly parameters: readonly Json[];
}

/** One of Alpaca's two API descriptions, as what requests and answers are checked against. */
export class Contract {
  private readonly ajv: Ajv2020;
  private readonly id: string;
  private readonly document: Json;

  /** @param file name in {@link CONTRACT_FOLDER} */
  constructor(file: string) {
    this.id = `https://contract/${file}`;
    this.ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true, coerceTypes: false });
    addFormats.default(this.ajv);
    for (const format of ['decimal', 'int64', 'uint64', 'uint32', 'double']) this.ajv.addFormat(format, true);
    this.document = asJson(translated(JSON.parse(readFileSync(resolve(CONTRACT_FOLDER, file), 'utf8'))));
    this.ajv.addSchema({ $id: this.id, ...this.document });
  }

  validator(pointer: string): ValidateFunction {
    return this.ajv.compile({ $ref: `${this.id}#${pointer}` });
  }

  /** The schema of a path's answer. */
  answer(path: string, method: string, status: number): ValidateFunction {
    return this.validator(`/paths/${escaped(path)}/${method}/responses/${status}/content/application~1json/schema`);
  }

  /** The operation that a request is; undefined when the description has none. */
  operation(method: string, path: string): Operation | undefined {
    const paths = asJson(this.document.paths);
    const fits = (template: string) =>
      new RegExp(`^${template.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+')}$`).test(path);
    // A path without names goes before one with: /v2/orders:by_client_order_id is no order's id.
    const template = Object.keys(paths)
      .filter(fits)
      .sort((a, b) => Number(a.includes('{')) - Number(b.includes('{')))[0];
    if (template === undefined) return undefined;
    const item = asJson(paths[template]);
    const described = item[method.toLowerCase()];
    if (described === undefined) return undefined;
    const operation = asJson(described);
    const listed = [item.parameters, operation.parameters].flatMap((list) => (Array.isArray(list) ? list : []));
    return {
      template,
      method: method.toLowerCase(),
      pointer: `/paths/${escaped(template)}/${method.toLowerCase()}`,
      described: operation,
      parameters: listed.map((each) => this.resolved(asJson(each))),
    };
  }

  /** What is wrong with a request, in words; empty when it is as described. */
  requestFaults(method: string, path: string, query: URLSearchParams, body: unknown): string[] {
    const operation = this.operation(method, path);
    if (operation === undefined) return [`${method} ${path} is not described`];
    const inQuery = operation.parameters.filter((each) => each.in === 'query');
    const faults: string[] = [];
    for (const [name, text] of query) {
      const parameter = inQuery.find((each) => each.name === name);
      if (parameter === undefined) faults.push(`there is no parameter ${name}`);
      else faults.push(...this.parameterFaults(name, text, asJson(parameter.schema)));
    }
    for (const { name, required } of inQuery)
      if (required === true && !query.has(String(name))) faults.push(`${String(name)} is missing`);
    if (body !== undefined) faults.push(...this.bodyFaults(operation, body));
    return faults;
  }

  /** What is wrong with an answer; null when the description says nothing of its body. */
  answerFaults(method: string, path: string, status: number, body: unknown): string[] | null {
    const operation = this.operation(method, path);
    if (operation === undefined) return [`${method} ${path} is not described`];
    const described = asJson(operation.described.responses)[String(status)];
    if (described === undefined || asJson(described).content === undefined) return null;
    return faultsOf(this.answer(operation.template, operation.method, status), body);
  }

  private bodyFaults(operation: Operation, body: unknown): string[] {
    if (operation.described.requestBody === undefined) return ['a body is sent where none is described'];
    return faultsOf(this.validator(`${operation.pointer}/requestBody/content/application~1json/schema`), body);
  }

  /** A query's text as the type that the schema wants. */
  private parameterFaults(name: string, text: string, schema: Json): string[] {
    const { type } = this.resolved(schema);
    const value =
      type === 'integer' || type === 'number'
        ? Number(text)
        : type === 'boolean'
          ? text === 'true'
          : type === 'array'
            ? text.split(',')
            : text;
    // Its references are of the whole description.
    const check = this.ajv.compile({ ...withBase(schema, this.id) });
    return faultsOf(check, value).map((fault) => `${name}: ${fault}`);
  }

  private resolved(value: Json): Json {
    const { $ref: reference } = value;
    if (typeof reference !== 'string') return value;
    let found: unknown = this.document;
    for (const step of reference.replace(/^#\//, '').split('/'))
      found = asJson(found)[step.replaceAll('~1', '/').replaceAll('~0', '~')];
    return this.resolved(asJson(found));
  }
}

/** References made absolute, so that a part of the description can be compiled alone. */
function withBase(schema: Json, id: string): Json {
  const text = JSON.stringify(schema).replaceAll('"$ref":"#', `"$ref":"${id}#`);
  return asJson(JSON.parse(text));
}

export function faultsOf(validate: ValidateFunction, value: unknown): string[] {
  if (validate(value) === true) return [];
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ''}`);
}
