import type { GraphValue, GraphValues } from './graph-value.ts';
import type { GraphNode } from './tfjs-graph-nodes.ts';

/** Turns one operation of TensorFlow into nodes of ONNX, or computes it when all that it needs is known. @throws Error for what is not known */
export type GraphOperation = (values: GraphValues, node: GraphNode, inputs: readonly (GraphValue | undefined)[]) => GraphValue;
