import type { Server } from 'node:http';
import type { Config } from '../config.ts';

export interface Listening {
  readonly host: string;
  readonly port: number;
}

/** Binds. Where nobody chose a host and the machine has no IPv6, IPv4 is taken. @throws with a sentence that names PORT or HOST */
export async function listen(server: Server, config: Config): Promise<Listening> {
  try {
    return await bind(server, config.port, config.host);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (!config.hostGiven && (code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL')) return bind(server, config.port, '0.0.0.0');
    if (code === 'EADDRINUSE')
      throw new Error(`PORT: ${config.port} is in use. Choose another one, for example PORT=8001.`, { cause: error });
    if (code === 'EACCES') throw new Error(`PORT: this user may not listen on ${config.port}. Choose one above 1024.`, { cause: error });
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') throw new Error('HOST: this machine has no such address.', { cause: error });
    throw error;
  }
}

function bind(server: Server, port: number, host: string): Promise<Listening> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog: 1024 }, () => {
      server.off('error', reject);
      const address = server.address();
      resolve({ host, port: typeof address === 'object' && address !== null ? address.port : port });
    });
  });
}
