import type { CommandOutcome } from '../../commands/command.ts';
import type { ClientFrameOf, User } from '../../protocol/index.ts';

/** Buttons that plugins bring. @throws AppError NOT_FOUND, BAD_REQUEST, PLUGIN_DISABLED, PLUGIN_FAILED and what accepting a job throws */
export type InvokeAction = (
  user: User,
  call: { readonly actionId: string; readonly payload: ClientFrameOf<'action.invoke'>['payload']; readonly locale: string },
  signal: AbortSignal,
) => Promise<CommandOutcome>;
