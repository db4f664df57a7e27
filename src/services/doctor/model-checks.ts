import type { Finding } from '../../protocol/index.ts';
import type { DoctorPorts } from './doctor-ports.ts';
import { finding } from './finding.ts';

const DAY_MS = 86_400_000;
/** From so long before its end on the model is named. */
const NOTICE_MS = 60 * DAY_MS;

export async function checkModels(ports: DoctorPorts): Promise<Finding[]> {
  return [...(await checkService(ports)), checkQuota(ports), checkShutdown(ports)];
}

async function checkService({ model }: DoctorPorts): Promise<Finding[]> {
  if (model.demo) return [finding('MODEL_KEY', 'warning'), finding('MODEL_SERVICE', 'unknown')];
  const found = await model.check().catch(() => undefined);
  if (found === undefined) return [finding('MODEL_KEY', 'unknown'), finding('MODEL_SERVICE', 'unknown')];
  if (found === 'unreachable') return [finding('MODEL_KEY', 'unknown'), finding('MODEL_SERVICE', 'problem')];
  return [finding('MODEL_KEY', found === 'ok' ? 'ok' : 'problem'), finding('MODEL_SERVICE', 'ok')];
}

function checkQuota({ model, now }: DoctorPorts): Finding {
  const [first] = [...model.blocked()].sort((a, b) => b.untilMs - a.untilMs);
  if (first === undefined) return finding('QUOTA', 'ok');
  const seconds = Math.max(1, Math.ceil((first.untilMs - now()) / 1000));
  return finding('QUOTA', 'warning', { model: first.model, seconds });
}

function checkShutdown({ model, now }: DoctorPorts): Finding {
  const date = model.demo ? undefined : model.chosenEndsOn();
  if (date === undefined) return finding('MODELS_SHUTDOWN', 'unknown');
  if (date === null || Date.parse(date) - now() > NOTICE_MS) return finding('MODELS_SHUTDOWN', 'ok');
  return finding('MODELS_SHUTDOWN', Date.parse(date) <= now() ? 'problem' : 'warning', { model: model.chosen, date });
}
