import type { Finding } from '../../protocol/index.ts';
import type { DoctorPorts } from './doctor-ports.ts';
import { finding } from './finding.ts';

const MEBIBYTE = 1_048_576;
/** Clocks that differ by more make leases and sessions end at the wrong time (they allow 30 s). */
const CLOCK_TOLERANCE_MS = 5000;
/** An answer of the database that people notice in every message. */
const SLOW_STORE_MS = 250;
const LITTLE_DISK_MB = 1024;
/** A few pictures and the growth of the store's log fit into it, no more. */
const FULL_DISK_MB = 200;

/** Whether the database lives and how quick it is, by reading something; and how its clock goes. */
export async function checkStore({ store, now }: DoctorPorts): Promise<Finding[]> {
  try {
    const started = performance.now();
    await store.read();
    const ms = Math.round(performance.now() - started);
    const asked = now();
    const theirs = await store.now();
    const differenceMs = Math.abs(theirs - (asked + now()) / 2);
    const seconds = Math.round(differenceMs / 1000);
    return [
      differenceMs > CLOCK_TOLERANCE_MS ? finding('CLOCK', 'problem', { seconds }) : finding('CLOCK', 'ok'),
      finding('DATABASE', !store.state().ready ? 'problem' : ms > SLOW_STORE_MS ? 'warning' : 'ok', { ms }),
    ];
  } catch {
    return [finding('CLOCK', 'unknown'), finding('DATABASE', 'problem')];
  }
}

export async function checkDisk({ freeBytes, ephemeral }: DoctorPorts): Promise<Finding[]> {
  const lost = finding('DISK_LOST', ephemeral ? 'problem' : 'ok');
  try {
    const freeMb = Math.floor((await freeBytes()) / MEBIBYTE);
    const state = freeMb < FULL_DISK_MB ? 'problem' : freeMb < LITTLE_DISK_MB ? 'warning' : 'ok';
    return [finding('DISK', state, { freeMb }), lost];
  } catch {
    return [finding('DISK', 'unknown'), lost];
  }
}

/** A secret that is weak ends the start, so it cannot be found here. */
export function checkSecret({ secret, ephemeral }: DoctorPorts): Finding {
  if (!secret.given && ephemeral) return finding('SECRET', 'problem');
  return finding('SECRET', secret.previous ? 'warning' : 'ok');
}

export function checkPlugins({ failedPlugins }: DoctorPorts): Finding {
  const names = failedPlugins();
  return names.length === 0 ? finding('PLUGINS', 'ok') : finding('PLUGINS', 'warning', { names: names.join(', ') });
}

export function checkProcess({ memory, node }: DoctorPorts): Finding[] {
  const { level, usedBytes, budgetBytes } = memory();
  const { version, wanted, supported } = node;
  const inMb = { usedMb: Math.round(usedBytes / MEBIBYTE), limitMb: Math.round((budgetBytes ?? 0) / MEBIBYTE) };
  const states = { normal: 'ok', tight: 'warning', scarce: 'problem', exhausted: 'problem' } as const;
  return [
    budgetBytes === null ? finding('MEMORY', 'unknown') : finding('MEMORY', states[level], inMb),
    supported ? finding('VERSION', 'ok', { version }) : finding('VERSION', 'problem', { version, wanted }),
  ];
}
