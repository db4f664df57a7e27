import type { WorkLevel } from '../base/processor-interface.ts';
import type { ScheduledTask } from './scheduled-task.ts';

/** So many tasks of one user and level are looked at for one whose models are loaded, or that fits where the first does not. */
const LOOK_AHEAD = 4;
/** A task that was passed so often goes next, and everybody waits until it fits: eight times by others, or 24 times by work of the same user. */
const MOST_PASSED = 24;
const PASSED_BY_OTHERS = 3;
const PASSED_BY_OWN = 1;

const ranks: Readonly<Record<WorkLevel, 0 | 1 | 2>> = { quick: 0, normal: 1, deep: 2 };

/**
 * What keeps a task from beginning now. `fits`: nothing. `lent`: nothing, but it would use the idle share of somebody else.
 * `full`: something that it needs is in use. `held`: its own quota.
 */
export type Standing = 'fits' | 'lent' | 'full' | 'held';

/** What the queue asks about a task. */
export interface QueueJudge {
  standing(task: ScheduledTask): Standing;
  /** Whether any models are loaded and idle. */
  readonly hasWarm: boolean;
  /** Whether its models are. */
  isWarm(task: ScheduledTask): boolean;
}

interface Entry {
  readonly task: ScheduledTask;
  /** Grows when another task goes ahead though this one stands before it. */
  passed: number;
}

interface Line {
  readonly userId: string;
  /** The round in which the user is served next. */
  round: number;
  /** By level; each by age. */
  readonly entries: readonly [Entry[], Entry[], Entry[]];
}

interface Choice {
  readonly line: Line;
  readonly entry: Entry;
  /** Smaller goes first. */
  readonly rank: number;
}

/** What a look at the lines has found so far. */
interface Finding {
  /** Of the round that is looked at. */
  best: Choice | null;
  /** The first that would use an idle share of somebody else. */
  lent: Choice | null;
  /** Somebody within their share waits for what is in use: nothing is lent then. */
  ownersWait: boolean;
  /** Somebody was passed too often and waits for what is in use: nothing else begins. */
  blocked: boolean;
}

/** Rank of a task that was passed too often. */
const URGENT = -1;
/** So many users without waiting tasks are remembered at most. */
const MOST_REMEMBERED = 1000;

/**
 * Tasks that wait, in rounds: in each round every user has one turn. Within a round quick work goes before normal before deep, and
 * work whose models are loaded before other work of its level; nobody is passed more than eight times that way.
 */
export class TaskQueue {
  readonly #lines = new Map<string, Line>();
  /** Users with waiting tasks by the round of their turn; in a round by who entered it first. */
  readonly #rounds = new Map<number, Line[]>();
  readonly #where = new Map<string, Entry>();
  /** How many wait, by level, and how many of all were passed too often. */
  readonly #levels: [number, number, number] = [0, 0, 0];
  #urgent = 0;
  /** The one that is served, or was served last. */
  #round = 0;

  get size(): number {
    return this.#where.size;
  }

  has(id: string): boolean {
    return this.#where.has(id);
  }

  /** In no particular order. */
  *tasks(): Generator<ScheduledTask> {
    for (const entry of this.#where.values()) yield entry.task;
  }

  add(task: ScheduledTask): void {
    this.#put({ task, passed: 0 });
  }

  /** @returns whether it was there */
  remove(id: string): boolean {
    const entry = this.#where.get(id);
    const line = entry === undefined ? undefined : this.#lines.get(entry.task.userId);
    if (entry === undefined || line === undefined) return false;
    this.#takeOut(line, entry);
    if (isEmpty(line)) this.#leave(line);
    return true;
  }

  /** Takes out the task that is to begin now; null: none can. */
  take(judge: QueueJudge): ScheduledTask | null {
    const choice = this.#choose(judge);
    if (choice === null) return null;
    const { line, entry } = choice;
    this.#countPasses(choice, judge);
    this.#takeOut(line, entry);
    this.#nextRound(line);
    return entry.task;
  }

  /** The same queue, to try out what would happen. */
  copy(): TaskQueue {
    const copy = new TaskQueue();
    copy.#round = this.#round;
    for (const line of this.#lines.values()) copy.#lines.set(line.userId, newLine(line.userId, line.round));
    for (const round of this.#inOrder())
      for (const line of round) for (const entries of line.entries) for (const { task, passed } of entries) copy.#put({ task, passed });
    return copy;
  }

  #put(entry: Entry): void {
    const { userId, level, enqueuedAt } = entry.task;
    const line = this.#lines.get(userId) ?? newLine(userId, this.#round);
    if (isEmpty(line)) {
      line.round = Math.max(line.round, this.#round);
      this.#lines.set(userId, line);
      this.#enter(line);
    }
    const entries = line.entries[ranks[level]];
    // A task that comes back after a retry or a restart stands where its age puts it; nearly always that is the end.
    let at = entries.length;
    while (at > 0 && (entries[at - 1]?.task.enqueuedAt ?? 0) > enqueuedAt) at -= 1;
    entries.splice(at, 0, entry);
    this.#where.set(entry.task.id, entry);
    this.#levels[ranks[level]] += 1;
    if (entry.passed >= MOST_PASSED) this.#urgent += 1;
  }

  #enter(line: Line): void {
    const round = this.#rounds.get(line.round);
    if (round === undefined) this.#rounds.set(line.round, [line]);
    else round.push(line);
  }

  #leave(line: Line): void {
    const round = this.#rounds.get(line.round) ?? [];
    round.splice(round.indexOf(line), 1);
    if (round.length === 0) this.#rounds.delete(line.round);
  }

  #takeOut(line: Line, entry: Entry): void {
    const entries = line.entries[ranks[entry.task.level]];
    entries.splice(entries.indexOf(entry), 1);
    this.#where.delete(entry.task.id);
    this.#levels[ranks[entry.task.level]] -= 1;
    if (entry.passed >= MOST_PASSED) this.#urgent -= 1;
  }

  #nextRound(line: Line): void {
    const served = line.round;
    this.#leave(line);
    // Remembered when the line is empty too: who brings tasks one by one gets no more turns than who brings them at once.
    line.round += 1;
    if (!isEmpty(line)) this.#enter(line);
    this.#advance(Math.min(served, ...this.#rounds.keys()));
  }

  /** Who comes now joins this round. Who waits for nothing and has used up no later turn is forgotten. */
  #advance(round: number): void {
    if (this.#rounds.size === 0 && this.#lines.size > MOST_REMEMBERED) this.#lines.clear();
    if (round <= this.#round) return;
    this.#round = round;
    for (const line of this.#lines.values()) if (line.round <= round && isEmpty(line)) this.#lines.delete(line.userId);
  }

  #choose(judge: QueueJudge): Choice | null {
    const finding: Finding = { best: null, lent: null, ownersWait: false, blocked: false };
    const least = this.#leastRank(judge);
    // A later round is looked at only for what may go ahead because nothing of the earlier one fits.
    for (const round of this.#inOrder()) {
      for (const line of round) {
        look(line, judge, finding);
        if (finding.blocked) return finding.best?.rank === URGENT ? finding.best : null;
        if (finding.best !== null && finding.best.rank <= least) return finding.best;
      }
      if (finding.best !== null) return finding.best;
    }
    return finding.ownersWait ? null : finding.lent;
  }

  /** Nothing that waits has a smaller rank: who finds it need not look on. */
  #leastRank({ hasWarm }: QueueJudge): number {
    if (this.#urgent > 0) return URGENT;
    return this.#levels.findIndex((count) => count > 0) * 2 + (hasWarm ? 0 : 1);
  }

  #inOrder(): Line[][] {
    return [...this.#rounds].sort(([a], [b]) => a - b).map(([, lines]) => lines);
  }

  #countPasses(chosen: Choice, judge: QueueJudge): void {
    if (chosen.rank === URGENT) return;
    for (const line of this.#before(chosen.line))
      this.#countPass(line.entries.find((entries) => entries.length > 0)?.[0], judge, PASSED_BY_OTHERS);
    const rank = ranks[chosen.entry.task.level];
    for (const [level, entries] of chosen.line.entries.entries()) {
      const head = entries[0];
      const stoodBefore = level <= rank || (head?.task.enqueuedAt ?? 0) <= chosen.entry.task.enqueuedAt;
      if (head !== chosen.entry && stoodBefore) this.#countPass(head, judge, PASSED_BY_OWN);
    }
  }

  *#before(chosen: Line): Generator<Line> {
    for (const round of this.#inOrder())
      for (const line of round) {
        if (line === chosen) return;
        yield line;
      }
  }

  /** Who waits because of their own quota is not passed. */
  #countPass(entry: Entry | undefined, judge: QueueJudge, by: number): void {
    if (entry === undefined) return;
    const standing = judge.standing(entry.task);
    if (standing !== 'fits' && standing !== 'full') return;
    const wasUrgent = entry.passed >= MOST_PASSED;
    entry.passed += by;
    if (!wasUrgent && entry.passed >= MOST_PASSED) this.#urgent += 1;
  }
}

function newLine(userId: string, round: number): Line {
  return { userId, round, entries: [[], [], []] };
}

function isEmpty(line: Line): boolean {
  return line.entries.every((entries) => entries.length === 0);
}

/** Adds to the finding what the line has to offer. */
function look(line: Line, judge: QueueJudge, finding: Finding): void {
  if (lookAtUrgent(line, judge, finding)) return;
  for (let level = 0; level < 3; level += 1) {
    // Nothing of this level could beat what was found.
    if (finding.best !== null && finding.best.rank <= level * 2) return;
    if (lookAtLevel(line, level, judge, finding)) return;
  }
}

/** @returns whether that settles the line */
function lookAtUrgent(line: Line, judge: QueueJudge, finding: Finding): boolean {
  const entry = urgentOf(line);
  if (entry === undefined) return false;
  const standing = judge.standing(entry.task);
  if (standing === 'full') finding.blocked = true;
  if (standing === 'fits') consider(finding, { line, entry, rank: URGENT });
  return standing === 'full' || standing === 'fits';
}

/** @returns whether something of the level can begin */
function lookAtLevel(line: Line, level: number, judge: QueueJudge, finding: Finding): boolean {
  const entries = line.entries[level] ?? [];
  let first: Entry | undefined;
  for (let at = 0; at < LOOK_AHEAD && at < entries.length; at += 1) {
    const entry = entries[at];
    if (entry === undefined) break;
    const standing = judge.standing(entry.task);
    if (standing === 'full') finding.ownersWait = true;
    if (standing === 'lent') finding.lent ??= { line, entry, rank: level * 2 };
    if (standing !== 'fits') continue;
    if (judge.isWarm(entry.task)) {
      consider(finding, { line, entry, rank: level * 2 });
      return true;
    }
    first ??= entry;
  }
  if (first !== undefined) consider(finding, { line, entry: first, rank: level * 2 + 1 });
  return first !== undefined;
}

function consider(finding: Finding, choice: Choice): void {
  if (finding.best === null || choice.rank < finding.best.rank) finding.best = choice;
}

function urgentOf(line: Line): Entry | undefined {
  for (const entries of line.entries) if ((entries[0]?.passed ?? 0) >= MOST_PASSED) return entries[0];
  return undefined;
}
