/**
 * Metrics as OTLP has them in JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding,
 * opentelemetry/proto/metrics/v1): 64-bit integers are written as text.
 */

type Labels = Readonly<Record<string, string>>;

/** What the registry of metrics gives. */
export type CollectedMetric =
  | {
      readonly type: 'counter' | 'gauge';
      readonly name: string;
      readonly help: string;
      readonly samples: readonly { readonly labels: Labels; readonly value: number }[];
    }
  | {
      readonly type: 'histogram';
      readonly name: string;
      readonly help: string;
      readonly buckets: readonly number[];
      readonly samples: readonly {
        readonly labels: Labels;
        readonly sum: number;
        readonly count: number;
        readonly cumulative: readonly number[];
      }[];
    };

export interface OtlpContext {
  readonly version: string;
  /** Epoch milliseconds, both. */
  readonly startedAt: number;
  readonly now: number;
}

/** AGGREGATION_TEMPORALITY_CUMULATIVE */
const CUMULATIVE = 2;
const SERVICE = 'jarvis-argus';

/** The body of a request to `/v1/metrics`. Metrics without a value yet are left out. */
export function otlpRequest(metrics: readonly CollectedMetric[], { version, startedAt, now }: OtlpContext) {
  const times = { startTimeUnixNano: nanoseconds(startedAt), timeUnixNano: nanoseconds(now) };
  return {
    resourceMetrics: [
      {
        resource: { attributes: attributesOf({ 'service.name': SERVICE, 'service.version': version }) },
        scopeMetrics: [
          {
            scope: { name: SERVICE, version },
            metrics: metrics.filter(({ samples }) => samples.length > 0).map((metric) => metricOf(metric, times)),
          },
        ],
      },
    ],
  };
}

interface Times {
  readonly startTimeUnixNano: string;
  readonly timeUnixNano: string;
}

function metricOf(metric: CollectedMetric, times: Times) {
  const about = { name: metric.name, description: metric.help, unit: unitOf(metric.name) };
  if (metric.type === 'histogram') return { ...about, histogram: histogramOf(metric, times) };
  const dataPoints = metric.samples.map(({ labels, value }) => ({ attributes: attributesOf(labels), ...times, asDouble: value }));
  if (metric.type === 'counter') return { ...about, sum: { dataPoints, aggregationTemporality: CUMULATIVE, isMonotonic: true } };
  return { ...about, gauge: { dataPoints: dataPoints.map(({ startTimeUnixNano: _start, ...point }) => point) } };
}

function histogramOf({ buckets, samples }: Extract<CollectedMetric, { type: 'histogram' }>, times: Times) {
  const dataPoints = samples.map(({ labels, sum, count, cumulative }) => ({
    attributes: attributesOf(labels),
    ...times,
    count: String(count),
    sum,
    // One more than the bounds: what lies above the last.
    bucketCounts: [...cumulative, count].map((upTo, index) => String(upTo - (cumulative[index - 1] ?? 0))),
    explicitBounds: [...buckets],
  }));
  return { dataPoints, aggregationTemporality: CUMULATIVE };
}

function attributesOf(labels: Labels) {
  return Object.entries(labels).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}

function nanoseconds(ms: number): string {
  return `${Math.round(ms)}000000`;
}

/** Units as UCUM has them (https://opentelemetry.io/docs/specs/semconv/general/metrics/#instrument-units). */
function unitOf(name: string): string {
  if (/_seconds(_total)?$/.test(name)) return 's';
  return name.endsWith('_bytes') ? 'By' : '1';
}
