import type { Finding, User } from '../../protocol/index.ts';
import { checkConnection, checkProxy } from './connection-checks.ts';
import type { DoctorPorts, SeenRequest } from './doctor-ports.ts';
import { checkModels } from './model-checks.ts';
import { checkDisk, checkPlugins, checkProcess, checkSecret, checkStore } from './server-checks.ts';

export interface Doctor {
  /**
   * Looks at everything that this person may know of: administrators all of it, others what concerns their own connection.
   * @param request null where it came over a socket, which tells nothing of the way of a request
   */
  examine(user: User, request?: SeenRequest | null): Promise<Finding[]>;
}

/** Names the faults of this server in plain words, each with its mend. Asks the outside only for an administrator. */
export function createDoctor(ports: DoctorPorts): Doctor {
  return {
    async examine(user, request = null) {
      const own = checkConnection(ports, user.id, request);
      const store = await checkStore(ports);
      if (user.role !== 'admin') return [...own, ...store.filter(({ code }) => code === 'CLOCK')];
      const [disk, models] = await Promise.all([checkDisk(ports), checkModels(ports)]);
      return [
        ...own,
        ...checkProxy(ports, request),
        ...store,
        ...disk,
        checkSecret(ports),
        ...models,
        checkPlugins(ports),
        ...checkProcess(ports),
      ];
    },
  };
}
