/** What a model was trained with: how noise grows over time and what the network predicts. From `scheduler/scheduler_config.json`. */
export interface NoiseConfig {
  /** Steps of the training, usually 1000. */
  readonly trainSteps: number;
  readonly betaStart: number;
  readonly betaEnd: number;
  readonly betaSchedule: 'linear' | 'scaled_linear' | 'squaredcos_cap_v2';
  /** In place of start, end and schedule. */
  readonly trainedBetas: readonly number[] | null;
  readonly prediction: 'epsilon' | 'v_prediction' | 'sample';
  /** Which of the training's steps are visited. `null`: the scheduler's own habit. */
  readonly spacing: 'linspace' | 'leading' | 'trailing' | null;
  readonly stepsOffset: number;
  /** What the last step of DDIM goes to: no noise at all, or the noise of the first training step. */
  readonly setAlphaToOne: boolean;
  /** DDIM and LCM: the predicted picture is kept within ± this; null: it is not. */
  readonly clipRange: number | null;
  readonly karras: boolean;
  readonly zeroTerminalSnr: boolean;
  readonly finalSigma: 'zero' | 'sigma_min';
  /** DPM++ 2M: the last of fewer than 15 steps is of first order. */
  readonly lowerOrderFinal: boolean;
  /** LCM: steps of the distillation, and the factor of its boundary condition. */
  readonly originalSteps: number;
  readonly timestepScaling: number;
}

/** The values that all Stable Diffusion models share. */
export const stableDiffusionNoise: NoiseConfig = {
  trainSteps: 1000,
  betaStart: 0.00085,
  betaEnd: 0.012,
  betaSchedule: 'scaled_linear',
  trainedBetas: null,
  prediction: 'epsilon',
  spacing: null,
  stepsOffset: 0,
  setAlphaToOne: true,
  clipRange: null,
  karras: false,
  zeroTerminalSnr: false,
  finalSigma: 'zero',
  lowerOrderFinal: true,
  originalSteps: 50,
  timestepScaling: 10,
};

const schedules = ['linear', 'scaled_linear', 'squaredcos_cap_v2'] as const;
const predictions = ['epsilon', 'v_prediction', 'sample'] as const;
const spacings = ['linspace', 'leading', 'trailing'] as const;

/** Reads a scheduler_config.json; what it leaves out, or says in a way that nobody knows, is as in Stable Diffusion. */
export function readNoiseConfig(json: Readonly<Record<string, unknown>>): NoiseConfig {
  const base = stableDiffusionNoise;
  const number = (key: string, otherwise: number): number => (typeof json[key] === 'number' ? json[key] : otherwise);
  const flag = (key: string, otherwise: boolean): boolean => (typeof json[key] === 'boolean' ? json[key] : otherwise);
  const betas = json['trained_betas'];
  return {
    trainSteps: number('num_train_timesteps', base.trainSteps),
    betaStart: number('beta_start', base.betaStart),
    betaEnd: number('beta_end', base.betaEnd),
    betaSchedule: schedules.find((known) => known === json['beta_schedule']) ?? base.betaSchedule,
    trainedBetas: Array.isArray(betas) && betas.length > 0 ? betas.map(Number) : null,
    prediction: predictions.find((known) => known === json['prediction_type']) ?? base.prediction,
    spacing: spacings.find((known) => known === json['timestep_spacing']) ?? base.spacing,
    stepsOffset: number('steps_offset', base.stepsOffset),
    setAlphaToOne: flag('set_alpha_to_one', base.setAlphaToOne),
    clipRange: flag('clip_sample', false) ? number('clip_sample_range', 1) : null,
    karras: flag('use_karras_sigmas', base.karras),
    zeroTerminalSnr: flag('rescale_betas_zero_snr', base.zeroTerminalSnr),
    finalSigma: json['final_sigmas_type'] === 'sigma_min' ? 'sigma_min' : 'zero',
    lowerOrderFinal: flag('lower_order_final', base.lowerOrderFinal),
    originalSteps: number('original_inference_steps', base.originalSteps),
    timestepScaling: number('timestep_scaling', base.timestepScaling),
  };
}
