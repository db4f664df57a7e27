import type { Finding } from '../../protocol/index.ts';
import type { DoctorPorts, SeenRequest } from './doctor-ports.ts';
import { finding } from './finding.ts';

/** What concerns the way between one person and the server. Holds nothing that this person could not see already. */
export function checkConnection(ports: DoctorPorts, userId: string, request: SeenRequest | null): Finding[] {
  return [checkAddress(ports, request), checkCookie(request), checkSocket(ports, userId, request)];
}

function checkAddress({ publicUrl, allowedOrigins }: DoctorPorts, request: SeenRequest | null): Finding {
  if (publicUrl === undefined || request?.host === undefined) return finding('ADDRESS', 'unknown');
  const known = [publicUrl, ...allowedOrigins].map((origin) => new URL(origin).host);
  if (known.includes(request.host.toLowerCase())) return finding('ADDRESS', 'ok');
  const address = `${request.secure ? 'https' : 'http'}://${request.host}`;
  return finding('ADDRESS', 'warning', { address, publicUrl });
}

function checkCookie(request: SeenRequest | null): Finding {
  if (request === null || !request.browser) return finding('COOKIE', request?.cookie === true ? 'ok' : 'unknown');
  if (request.cookie) return finding('COOKIE', 'ok');
  return finding('COOKIE', request.secure && request.forwardedProto === 'http' ? 'problem' : 'warning');
}

function checkSocket({ socketsOf }: DoctorPorts, userId: string, request: SeenRequest | null): Finding {
  if (request === null || socketsOf(userId) > 0) return finding('WEBSOCKET', 'ok');
  return finding('WEBSOCKET', request.browser ? 'problem' : 'unknown');
}

/** What a proxy in front does to requests. */
export function checkProxy({ publicUrl, direct, addressTest }: DoctorPorts, request: SeenRequest | null): Finding[] {
  return [checkScheme(publicUrl, request), checkForwarding(direct, addressTest(), request)];
}

function checkScheme(publicUrl: string | undefined, request: SeenRequest | null): Finding {
  const proto = request?.forwardedProto;
  if (proto === undefined || publicUrl?.startsWith('https:') !== true) return finding('HTTPS', 'unknown');
  return finding('HTTPS', proto === 'https' ? 'ok' : 'problem');
}

function checkForwarding(direct: boolean, test: 'ok' | 'trusted-forgery' | 'unknown', request: SeenRequest | null): Finding {
  if (test === 'trusted-forgery') return finding('PROXY', 'problem');
  if (direct && request?.forwardedFor === true) return finding('PROXY', 'warning');
  return finding('PROXY', test === 'ok' || request !== null ? 'ok' : 'unknown');
}
