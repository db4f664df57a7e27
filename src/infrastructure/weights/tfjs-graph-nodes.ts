import { z } from 'zod';

const integerText = z.string().regex(/^-?\d{1,18}$/);
const attributeSchema = z.object({
  type: z.string().optional(),
  b: z.boolean().optional(),
  i: z.union([integerText, z.number()]).optional(),
  s: z.string().optional(),
  list: z.object({ i: z.array(z.union([integerText, z.number()])).optional() }).optional(),
  shape: z.object({ dim: z.array(z.object({ size: integerText })).optional() }).optional(),
});
const nodeSchema = z.object({
  name: z.string(),
  op: z.string(),
  input: z.array(z.string()).default([]),
  attr: z.record(z.string(), attributeSchema.or(z.unknown())).default({}),
});
const topologySchema = z.object({ node: z.array(nodeSchema) });
const signatureSchema = z.object({ outputs: z.record(z.string(), z.object({ name: z.string() })) });

/** One operation of a frozen graph of TensorFlow. */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  /** Names of nodes; what is only waited for is left out. */
  readonly inputs: readonly string[];
  /** @throws Error when it is missing */
  text(attribute: string): string;
  flag(attribute: string): boolean;
  /** 0 when it is not stated, as in TensorFlow. */
  integer(attribute: string): number;
  integers(attribute: string): number[];
  /** Of a placeholder; an open dimension is -1. */
  shape(): number[];
}

function nodeFrom(raw: z.infer<typeof nodeSchema>): GraphNode {
  function attribute(name: string): z.infer<typeof attributeSchema> {
    const parsed = attributeSchema.safeParse(raw.attr[name] ?? {});
    if (!parsed.success) throw new Error(`The attribute ${name} of ${raw.name} cannot be read`);
    return parsed.data;
  }
  return {
    name: raw.name,
    op: raw.op,
    inputs: raw.input.filter((input) => !input.startsWith('^')).map((input) => input.replace(/:0$/, '')),
    text(name) {
      const { s, type } = attribute(name);
      if (s !== undefined) return Buffer.from(s, 'base64').toString('utf8');
      if (type === undefined) throw new Error(`${raw.name} has no ${name}`);
      return type;
    },
    flag: (name) => attribute(name).b ?? false,
    integer: (name) => Number(attribute(name).i ?? 0),
    integers: (name) => (attribute(name).list?.i ?? []).map(Number),
    shape: () => (attribute('shape').shape?.dim ?? []).map((dim) => Number(dim.size)),
  };
}

/** The nodes of a frozen graph in their order, and the name of the one that is its output. @throws Error when it has not exactly one */
export function readGraphNodes(topology: unknown, signature: unknown): { nodes: GraphNode[]; output: string } {
  const outputs = Object.values(signatureSchema.parse(signature).outputs);
  const [output] = outputs;
  if (output === undefined || outputs.length !== 1) throw new Error('Only graphs with one output can be converted');
  return { nodes: topologySchema.parse(topology).node.map(nodeFrom), output: output.name.replace(/:\d+$/, '') };
}
