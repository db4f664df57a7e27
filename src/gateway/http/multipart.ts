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
  /** For receiving the whole body. Default 115 s: just before the HTTP server cuts the connection without such clear words. */
  readonly timeoutMs?: number;
  readonly clock: Clock;
}

export interface ReceivedFile {
  readonly path: string;
  /** As the client wrote it: not to be trusted, not a path. */
  readonly originalName: string;
  /** As the client says; it proves nothing. */
  readonly mime: string;
  readonly size: number;
}

export type ReceiveFile = (request: Request, response: Response) => Promise<ReceivedFile>;

/** What boundaries and part headers may add to the file's bytes. */
const overheadBytes = 16 * 1024;
/** The rest of a body that was refused early is read for at most this long. */
const lingerMs = 10_000;

/**
 * The only way in which this server reads multipart bodies: one file in the field `file`, nothing else. Text fields are
 * refused, so that `request.body` stays empty (a field named `a[49999999]` once made it 250 MB).
 */
export function createMultipart(options: MultipartOptions): ReceiveFile {
  const { maxBytes, timeoutMs = 115_000, clock } = options;
  const receive = createMulter(options);

  return (request, response) =>
    new Promise<ReceivedFile>((resolve, reject) => {
      let received = 0;
      let settled = false;
      function end(): void {
        settled = true;
        stopTimer();
        request.off('data', count);
      }
      function refuseEarly(error: AppError): void {
        if (settled) return;
        end();
        request.resume();
        boundTheRest(request, response, clock);
        reject(error);
      }
      function count(chunk: Buffer): void {
        received += chunk.length;
        // multer answers only when the body has ended, and one of unknown length may never end.
        if (received > maxBytes + overheadBytes) refuseEarly(tooLarge(maxBytes));
      }
      const stopTimer = clock.after(timeoutMs, () => {
        response.set('Connection', 'close');
        refuseEarly(tooSlow());
      });
      if (Number(request.headers['content-length'] ?? 0) > maxBytes + overheadBytes) return refuseEarly(tooLarge(maxBytes));
      receive(request, response, (error: unknown) => {
        const { file } = request;
        if (settled) {
          if (file !== undefined) unlink(file.path).catch(() => {});
          return;
        }
        end();
        if (error !== undefined && error !== null) reject(toAppError(error, maxBytes));
        else if (file === undefined) reject(badUpload());
        else resolve({ path: file.path, originalName: file.originalname, mime: file.mimetype, size: file.size });
      });
      if (!settled) request.on('data', count);
    });
}

function createMulter({ temporaryDirectory, maxBytes }: MultipartOptions) {
  const storage = multer.diskStorage({
    destination: temporaryDirectory,
    filename: (_request, _file, done) => done(null, `upload-${randomUUID()}`),
  });
  const limits = {
    fields: 0,
    parts: 1,
    files: 1,
    fileSize: maxBytes,
    fieldNameSize: 64,
    fieldSize: 0,
    headerPairs: 16,
    fieldNestingDepth: 0,
    fieldArrayIndexLimit: 0,
  };
  return multer({ storage, defParamCharset: 'utf8', limits }).single('file');
}

/**
 * Without `Connection: close`: Node would then end the connection with the answer, and the reset that follows from unread
 * bytes takes the answer away from a client that is still sending.
 */
function boundTheRest(request: Request, response: Response, clock: Clock): void {
  const { socket } = request;
  response.once('close', () => {
    const stopTimer = clock.after(lingerMs, () => socket.destroy());
    // Once it is answered Node forgets the request: whoever still reads from it would not hear of the end.
    const end = () => {
      stopTimer();
      socket.off('close', end);
      request.destroy();
    };
    if (socket.destroyed || request.complete) end();
    else {
      socket.once('close', end);
      request.once('end', end);
    }
  });
}

function tooLarge(maxBytes: number): AppError {
  return new AppError('TOO_LARGE', {
    message: `A file may have at most ${Math.floor(maxBytes / 1024 / 1024)} MiB.`,
    params: { maxBytes },
  });
}

function tooSlow(): AppError {
  return new AppError('BAD_REQUEST', { message: 'The upload took too long. Try again on a better connection.' });
}

function badUpload(cause?: unknown): AppError {
  return new AppError('BAD_REQUEST', { message: 'Send exactly one file, in the multipart field "file", and nothing else.', cause });
}

function toAppError(error: unknown, maxBytes: number): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof multer.MulterError && error.code === 'LIMIT_FILE_SIZE') return tooLarge(maxBytes);
  // Only the file system names a system call: a full disk, a missing folder.
  if (error instanceof Error && 'syscall' in error) return AppError.from(error);
  return badUpload(error);
}
