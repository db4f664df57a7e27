import type { Labels, MetricSnapshot } from './metrics.ts';

/** The media type of what `prometheusText` writes. */
export const prometheusContentType = 'text/plain; version=0.0.4; charset=utf-8';

/** Text exposition format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format). */
export function prometheusText(metrics: readonly MetricSnapshot[]): string {
  return metrics.map((metric) => [...headOf(metric), ...linesOf(metric)].map((line) => `${line}\n`).join('')).join('');
}

function headOf({ name, help, type }: MetricSnapshot): string[] {
  return [`# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`, `# TYPE ${name} ${type}`];
}

function linesOf(metric: MetricSnapshot): string[] {
  const { name } = metric;
  if (metric.type !== 'histogram') return metric.samples.map(({ labels, value }) => `${name}${labelsText(labels)} ${numberText(value)}`);
  const bounds = metric.buckets.map(numberText);
  return metric.samples.flatMap(({ labels, sum, count, cumulative }) => {
    const shown = labelsText(labels);
    // `{a="b",` or `{`: the bound comes last.
    const open = shown === '' ? '{' : `${shown.slice(0, -1)},`;
    return [
      ...bounds.map((bound, index) => `${name}_bucket${open}le="${bound}"} ${cumulative[index] ?? 0}`),
      `${name}_bucket${open}le="+Inf"} ${count}`,
      `${name}_sum${shown} ${numberText(sum)}`,
      `${name}_count${shown} ${count}`,
    ];
  });
}

function labelsText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapedValue(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapedValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}
