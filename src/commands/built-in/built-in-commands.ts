import type { Command } from '../command.ts';
import type { CommandPorts } from '../ports.ts';
import { createShownLists } from '../shown-lists.ts';
import { createContinueCommand } from './continue-command.ts';
import { createConvsCommand } from './convs-command.ts';
import { createDeleteCommand } from './delete-command.ts';
import { createDoctorCommand } from './doctor-command.ts';
import { createExportCommand } from './export-command.ts';
import { createHelpCommand } from './help-command.ts';
import { createJobsCommand } from './jobs-command.ts';
import { createLevelCommand } from './level-command.ts';
import { createLoginCommand } from './login-command.ts';
import { createLogoutCommand } from './logout-command.ts';
import { createMeCommand } from './me-command.ts';
import { createModelCommand } from './model-command.ts';
import { createNewCommand } from './new-command.ts';
import { createPasswordCommand } from './password-command.ts';
import { createPluginsCommand } from './plugins-command.ts';
import { createRenameCommand } from './rename-command.ts';
import { createRetryCommand } from './retry-command.ts';
import { createSearchCommand } from './search-command.ts';
import { createSelectCommand } from './select-command.ts';
import { createSettingsCommand } from './settings-command.ts';
import { createSignupCommand } from './signup-command.ts';
import { createStopCommand } from './stop-command.ts';
import { createUsageCommand } from './usage-command.ts';

/** All built-in commands, in the order in which /help lists them. */
export function createBuiltInCommands(ports: CommandPorts): Command[] {
  const shown = createShownLists();
  return [
    createHelpCommand(),
    createSignupCommand(ports),
    createLoginCommand(ports),
    createLogoutCommand(ports),
    createPasswordCommand(ports),
    createNewCommand(),
    createConvsCommand(ports, shown),
    createSelectCommand(ports, shown),
    createModelCommand(ports),
    createLevelCommand(ports),
    createSettingsCommand(ports),
    createStopCommand(ports),
    createRetryCommand(ports),
    createContinueCommand(ports),
    createRenameCommand(ports),
    createDeleteCommand(ports),
    createSearchCommand(ports, shown),
    createExportCommand(ports),
    createUsageCommand(ports),
    createMeCommand(),
    createDoctorCommand(ports),
    createJobsCommand(ports),
    createPluginsCommand(ports),
  ];
}
