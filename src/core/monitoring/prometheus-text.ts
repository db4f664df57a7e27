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
  return metric.samples.flatMap(({ labels, sum, count, cumulative }) => [
    ...metric.buckets.map((bound, index) => bucketLine(name, { ...labels, le: numberText(bound) }, cumulative[index] ?? 0)),
    bucketLine(name, { ...labels, le: '+Inf' }, count),
    `${name}_sum${labelsText(labels)} ${numberText(sum)}`,
    `${name}_count${labelsText(labels)} ${count}`,
  ]);
}

function bucketLine(name: string, labels: Labels, count: number): string {
  return `${name}_bucket${labelsText(labels)} ${count}`;
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
