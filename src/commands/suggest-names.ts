import { editDistance } from '../lib/edit-distance.ts';

const MAX_SUGGESTIONS = 3;

/**
 * The names that somebody may have meant, nearest first, at most three: those that begin with what was typed, and those within
 * one edit per three letters typed (at least one, at most three).
 */
export function suggestNames(typed: string, names: readonly string[]): string[] {
  if (typed === '') return [];
  const reach = Math.min(3, Math.max(1, Math.ceil(typed.length / 3)));
  const near: { name: string; distance: number }[] = [];
  for (const name of names) {
    const distance = name.startsWith(typed) ? 0 : editDistance(typed, name);
    if (distance <= reach) near.push({ name, distance });
  }
  near.sort((left, right) => left.distance - right.distance || left.name.localeCompare(right.name, 'en'));
  return near.slice(0, MAX_SUGGESTIONS).map(({ name }) => name);
}
