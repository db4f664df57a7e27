import type { Conversation } from '../../../src/protocol/shapes.ts';

export const dayGroups = ['today', 'yesterday', 'week', 'month', 'older'] as const;
export type DayGroup = (typeof dayGroups)[number];

const dayMs = 86_400_000;

/** By the person's own calendar days; a list in order of time stays in order. */
export function groupByDay(list: readonly Conversation[], now: number): { group: DayGroup; items: readonly Conversation[] }[] {
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  const found = new Map<DayGroup, Conversation[]>();
  for (const conversation of list) {
    const group = groupOf(Date.parse(conversation.updatedAt), midnight);
    const items = found.get(group);
    if (items === undefined) found.set(group, [conversation]);
    else items.push(conversation);
  }
  return dayGroups.flatMap((group) => {
    const items = found.get(group);
    return items === undefined ? [] : [{ group, items }];
  });
}

function groupOf(at: number, midnight: number): DayGroup {
  if (!(at < midnight)) return 'today';
  if (at >= midnight - dayMs) return 'yesterday';
  if (at >= midnight - 7 * dayMs) return 'week';
  return at >= midnight - 30 * dayMs ? 'month' : 'older';
}
