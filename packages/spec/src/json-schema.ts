/** The files' JSON Schemas, for editors and for docs/reference. */
import { z } from 'zod';
import { datacenterSchema } from './datacenter-schema.ts';
import { scenarioSchema } from './scenario-schema.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** Schemas by the name of the file they describe. */
export function jsonSchemas(): { readonly datacenter: JsonSchema; readonly scenario: JsonSchema } {
  return {
    datacenter: schemaOf(datacenterSchema, 'A datacenter: racks, nodes, networks, VMs and their workloads'),
    scenario: schemaOf(scenarioSchema, 'A scenario: a datacenter, what happens to it, and what must hold'),
  };
}

function schemaOf(schema: z.ZodType, title: string): JsonSchema {
  const made = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      const { shorthand, ...full } = jsonSchema;
      if (typeof shorthand !== 'string') return;
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
      jsonSchema.anyOf = [{ type: 'string', description: shorthand }, full];
    },
  });
  return { ...made, title };
}
