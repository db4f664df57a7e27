import { writeOnnx } from './onnx-writer.ts';
import { pathInside } from './path-inside.ts';
import { readTfjsFiles } from './tfjs-files.ts';
import { convertTfjsGraph } from './tfjs-graph-converter.ts';
import { convertTfjsLayers } from './tfjs-layers-converter.ts';

/** How a model in a package becomes an ONNX file; the manifest's `convert`. */
export interface ConversionOrder {
  readonly from: 'tfjs-layers' | 'tfjs-graph';
  readonly model: string;
  readonly pixels?: { readonly range: 1 | 255 };
  readonly inputShape?: readonly number[];
}

/** The ONNX file of a model that lies unpacked in `folder`. The same package always gives the same bytes. @throws Error for what is not known */
export async function convertModel(name: string, folder: string, order: ConversionOrder): Promise<Uint8Array> {
  const files = await readTfjsFiles(pathInside(folder, order.model));
  const convert = order.from === 'tfjs-layers' ? convertTfjsLayers : convertTfjsGraph;
  return writeOnnx(convert(name, files, order));
}
