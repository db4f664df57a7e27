/**
 * What commands answer. A code is permanent; the client shows its own language by `notice.<CODE>`, this English text is the
 * fallback (also for programs). `{name}` stands for a parameter.
 */
export const noticeTable = {
  HELP: 'Commands you can use:',
  HELP_COMMAND: '{usage}\n{summary}\nExample: {example}',
  SIGNED_IN: 'Signed in as {name}.',
  SIGNED_OUT: 'Signed out.',
  PASSWORD_CHANGED: 'Your password was changed. Other devices were signed out.',
  CONVERSATION_NEW: 'A new conversation starts with your next message.',
  CONVERSATION_SELECTED: 'Opened “{title}”.',
  CONVERSATIONS: 'Your conversations, newest first. /select <number> opens one.',
  CONVERSATIONS_EMPTY: 'You have no conversations yet. Write a message to start one.',
  CONVERSATION_RENAMED: 'Renamed to “{title}”.',
  CONVERSATION_DELETED: 'Deleted “{title}”.',
  CONVERSATION_RESTORED: 'Restored “{title}”.',
  MODEL_CURRENT: 'The model is {model}. /model <name> chooses another one.',
  MODEL_SET: 'The model is now {model}.',
  LEVEL_CURRENT: 'The level is {level}. /level auto, quick, normal or deep changes it.',
  LEVEL_SET: 'The level is now {level}.',
  SETTINGS: 'Your settings:',
  SETTINGS_SAVED: 'Settings saved.',
  STOPPED: 'Stopped. The text so far was kept.',
  NOTHING_RUNNING: 'No answer is being written here.',
  SEARCH_RESULTS: '{count} found for “{query}”.',
  SEARCH_EMPTY: 'Nothing found for “{query}”.',
  EXPORTED: 'Exported “{title}” as {format}.',
  BUDGET_WARNING: '{percent} % of the budget of this {period} are used.',
  USAGE: 'Used so far: {today} today ({todayTokens} tokens), {month} this month ({monthTokens} tokens).',
  DOCTOR: '{problems} of {checks} checks found a problem. /doctor in the address bar shows the same as a page.',
  DOCTOR_WELL: 'All {checks} checks are well.',
  PLUGINS: '{ready} of {count} plugins can be used.',
  PLUGIN_ON: 'The plugin {name} is switched on.',
  PLUGIN_OFF: 'The plugin {name} is switched off.',
  PLUGIN_ANSWER: '{text}',
  ACTION_DONE: 'Done.',
  JOBS: 'Your jobs, newest first; {open} of them are not done yet. The page of jobs shows them with their pictures.',
  JOBS_EMPTY: 'You have no jobs yet. Attach a picture and choose what is to be done with it, or see /plugins.',
  JOB_STARTED: 'The work “{kind}” was accepted. Its card shows how far it is; /jobs lists all.',
  ME: '{name} · {email} · {role}',
} as const satisfies Record<string, string>;

export type NoticeCode = keyof typeof noticeTable;
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.keys forgets the names of a constant table
export const noticeCodes = Object.keys(noticeTable) as readonly NoticeCode[];
