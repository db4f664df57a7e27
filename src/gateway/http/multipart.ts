import { randomUUID } from 'node:crypto';
import { unlink } from 'node:fs/promises';
import type { Request, Response } from 'express';
import multer from 'multer';
import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';

export interface MultipartOptions {
  /** Exists and is private to this server. */
  readonly temporaryDirectory: string;
  /** Of the one file, in bytes. */
  readonly maxBytes: number;
  /** For receiving the whole body. Default 5 minutes. */
  readonly timeoutMs?: number;
  readonly clock: Clock;
}

export interface ReceivedFile {
  readonly path: string;
  /** As the client wrote it: not to be trusted, not a path. */
  readonly originalName: string;
  readonly size: number;
}

export type ReceiveFile = (request: Request, response: Response) => Promise<ReceivedFile>;

/** What boundaries and part headers may add to the file's bytes. */
const overheadBytes = 16 * 1024;
/** After an early refusal the client gets this long to read it before the connection is cut. */
const lingerMs = 2000;

/**
 * The only way in which this server reads multipart bodies: one file in the field `file`, nothing else. Text fields are
 * refused, so that `request.body` stays empty (a field named `a[49999999]` once made it 250 MB).
 */
export function createMultipart(options: MultipartOptions): ReceiveFile {
  const { temporaryDirectory, maxBytes, timeoutMs = 300_000, clock } = options;
  const storage = multer.diskStorage({
    destination: temporaryDirectory,
    filename: (_request, _file, done) => done(null, `upload-${randomUUID()}`),
  });
  const receive = multer({
    storage,
    defParamCharset: 'utf8',
    limits: {
      fields: 0,
      parts: 1,
      files: 1,
      fileSize: maxBytes,
      fieldNameSize: 64,
      fieldSize: 0,
      headerPairs: 16,
      fieldNestingDepth: 0,
      fieldArrayIndexLimit: 0,
    },
  }).single('file');

  function refuse(response: Response, request: Request): void {
    response.set('Connection', 'close');
    let stopTimer = () => {};
    response.once('finish', () => {
      stopTimer = clock.after(lingerMs, () => request.destroy());
    });
    response.once('close', () => {
      stopTimer();
      request.destroy();
    });
  }

  function tooLarge(): AppError {
    return new AppError('TOO_LARGE', {
      message: `A file may have at most ${Math.floor(maxBytes / 1024 / 1024)} MiB.`,
      params: { maxBytes },
    });
  }

  return (request, response) =>
    new Promise<ReceivedFile>((resolve, reject) => {
      if (Number(request.headers['content-length'] ?? 0) > maxBytes + overheadBytes) {
        refuse(response, request);
        return reject(tooLarge());
      }
      let settled = false;
      let received = 0;
      function end(act: () => void): void {
        settled = true;
        stopTimer();
        request.off('data', count);
        act();
      }
      function refuseEarly(error: AppError): void {
        if (settled) return;
        refuse(response, request);
        end(() => reject(error));
      }
      function count(chunk: Buffer): void {
        received += chunk.length;
        // multer answers only when the body has ended, and one of unknown length may never end.
        if (received > maxBytes + overheadBytes) refuseEarly(tooLarge());
      }
      const stopTimer = clock.after(timeoutMs, () =>
        refuseEarly(new AppError('BAD_REQUEST', { message: 'The upload took too long. Try again on a better connection.' })),
      );
      receive(request, response, (error: unknown) => {
        const file = request.file;
        if (settled) {
          if (file !== undefined) unlink(file.path).catch(() => {});
          return;
        }
        end(() => {
          if (error !== undefined && error !== null) reject(toAppError(error, tooLarge));
          else if (file === undefined) reject(new AppError('BAD_REQUEST', { message: 'Send one file in the multipart field "file".' }));
          else resolve({ path: file.path, originalName: file.originalname, size: file.size });
        });
      });
      if (!settled) request.on('data', count);
    });
}

function toAppError(error: unknown, tooLarge: () => AppError): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof multer.MulterError && error.code === 'LIMIT_FILE_SIZE') return tooLarge();
  // Only the file system names a system call: a full disk, a missing folder.
  if (error instanceof Error && 'syscall' in error) return new AppError('INTERNAL', { cause: error });
  return new AppError('BAD_REQUEST', { message: 'The upload is not valid. Send one file in the multipart field "file".', cause: error });
}
