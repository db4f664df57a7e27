import type { Labels, Metrics } from '../../core/index.ts';
import type { Usage } from '../../protocol/index.ts';
import type { GenerationEnd, GenerationObserver } from '../generations/generation-observer.ts';

const firstTokenBuckets = [0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 30, 60, 120];
const totalBuckets = [0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 900];
/** Words of the model adapters, such as `http_503`. What looks otherwise is some service's own text and no label. */
const faultClass = /^[a-z][a-z0-9_]{0,39}$/;

interface ModelLabels {
  readonly model: Labels;
  readonly input: Labels;
  readonly output: Labels;
  readonly thought: Labels;
}

/**
 * Declares what is counted of answers. A token costs one addition: its labels are made once for each model.
 * @param now milliseconds of any steady clock
 */
export function createGenerationMetrics(metrics: Metrics, now: () => number): GenerationObserver {
  const count = declareCounts(metrics);
  const known = new Map<string, ModelLabels>();

  function labelsOf(model: string): ModelLabels {
    const labels = known.get(model);
    if (labels !== undefined) return labels;
    const kinds = { input: { model, kind: 'input' }, output: { model, kind: 'output' }, thought: { model, kind: 'thought' } };
    const made = { model: { model }, ...kinds };
    known.set(model, made);
    return made;
  }

  function addUsage(labels: ModelLabels, { inputTokens, outputTokens, thoughtTokens, costMicroUsd }: Usage): void {
    count.tokens.add(inputTokens, labels.input);
    count.tokens.add(outputTokens, labels.output);
    count.tokens.add(thoughtTokens, labels.thought);
    if (costMicroUsd !== undefined) count.cost.add(costMicroUsd / 1e6, labels.model);
  }

  return {
    started(model) {
      const labels = labelsOf(model);
      const startedAt = now();
      let silent = true;
      return {
        piece(characters) {
          count.characters.add(characters);
          if (!silent) return;
          silent = false;
          count.firstToken.observe((now() - startedAt) / 1000, labels.model);
        },
        retrying: () => count.retries.add(1, labels.model),
        ended({ status, usage, faultClass: fault }: GenerationEnd) {
          count.total.observe((now() - startedAt) / 1000, { model, status });
          if (usage !== undefined) addUsage(labels, usage);
          if (fault !== undefined) count.faults.add(1, { class: faultClass.test(fault) ? fault : 'other', model });
        },
      };
    },
  };
}

function declareCounts(metrics: Metrics) {
  // Counted by MessagingService.publishMetric, by its name.
  metrics.counter({ name: 'jarvis_generations_total', help: 'Answers that have ended, by how they ended.' });
  return {
    firstToken: metrics.histogram({
      name: 'jarvis_first_token_seconds',
      help: 'Time from acceptance to the first piece of an answer.',
      buckets: firstTokenBuckets,
    }),
    total: metrics.histogram({
      name: 'jarvis_generation_seconds',
      help: 'Time from acceptance to the stored end of an answer.',
      buckets: totalBuckets,
    }),
    tokens: metrics.counter({ name: 'jarvis_tokens_total', help: 'Tokens as the models counted them, added when an answer ends.' }),
    characters: metrics.counter({
      name: 'jarvis_answer_characters_total',
      help: 'Characters of answers and thoughts, counted while they come.',
    }),
    cost: metrics.counter({ name: 'jarvis_cost_usd_total', help: 'Cost of answers by the price table, in US dollars.' }),
    faults: metrics.counter({ name: 'jarvis_upstream_errors_total', help: 'Answers that a model service failed, by class of fault.' }),
    retries: metrics.counter({ name: 'jarvis_retries_total', help: 'Requests to a model that were repeated before their first piece.' }),
  };
}
