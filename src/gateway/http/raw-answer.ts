import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AppError } from '../../lib/app-error.ts';
import { newRequestId } from './request-id.ts';

export type HeaderList = readonly (readonly [string, string])[];

/**
 * Answers by hand where there is no response object: a refused upgrade, bytes that are no HTTP. Closes the connection.
 * @returns the id in the answer
 */
export function answerRaw(socket: Duplex, error: AppError, headers: HeaderList, status: number = error.status): string {
  const requestId = newRequestId();
  if (socket.destroyed || !socket.writable) {
    socket.destroy();
    return requestId;
  }
  const body = JSON.stringify({ error: error.toShape(requestId) });
  const lines: HeaderList = [
    ...headers,
    ['X-Request-Id', requestId],
    ['Cache-Control', 'no-store'],
    ['Content-Type', 'application/json; charset=utf-8'],
    ['Content-Length', String(Buffer.byteLength(body))],
    ['Connection', 'close'],
    ...(error.retryAfter === undefined ? [] : [['Retry-After', String(Math.ceil(error.retryAfter))] as const]),
  ];
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}\r\n${head}\r\n${body}`);
  return requestId;
}
