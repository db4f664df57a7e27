import type { Socket } from 'node:net';
import type { ArmedCut, WireShape } from './tcp-proxy.ts';
import { WebSocketUnits, type WireUnit } from './web-socket-units.ts';

/** What all connections of a proxy look at. */
export interface LinkControl {
  shape: WireShape;
  swallowing: boolean;
  pass: ((chunk: Buffer) => boolean) | null;
  cuts: ArmedCut[];
}

/** Beyond this the server has to wait, as behind a real slow wire. */
const MAX_HELD_BYTES = 64 * 1024;

/** One connection through a proxy. */
export class ProxyLink {
  readonly #near: Socket;
  readonly #far: Socket;
  readonly #control: LinkControl;
  readonly #units = new WebSocketUnits();
  readonly #upLane = new Lane();
  readonly #downLane = new Lane();
  #silent: boolean;
  #ended = false;
  #sent = 0;
  #held = 0;
  #freeAt = 0;
  #upFreeAt = 0;

  /** @param onEnd called once */
  constructor(near: Socket, far: Socket, control: LinkControl, onEnd: () => void) {
    this.#near = near;
    this.#far = far;
    this.#control = control;
    this.#silent = control.swallowing;
    const end = () => {
      if (this.#ended) return;
      this.#ended = true;
      onEnd();
      this.#upLane.clear();
      this.#downLane.clear();
      near.destroy();
      far.destroy();
    };
    this.end = end;
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', end);
    }
    near.on('data', (chunk) => this.#up(chunk));
    far.on('data', (chunk) => this.#down(chunk));
    near.on('drain', () => this.#breathe());
  }

  readonly end: () => void;

  reset(): void {
    this.#far.resetAndDestroy();
    this.#near.resetAndDestroy();
  }

  silence(): void {
    this.#silent = true;
  }

  /** What is on its way arrives now: a wire that is slow no more brings nothing half a minute late. */
  hurry(): void {
    this.#freeAt = 0;
    this.#upFreeAt = 0;
    this.#upLane.hurry();
    this.#downLane.hurry();
  }

  #up(chunk: Buffer): void {
    if (!this.#silent && this.#control.pass?.(chunk) === false) this.#silent = true;
    if (this.#silent) return;
    const { latencyMs = 0 } = this.#control.shape;
    const due = Math.max(this.#upFreeAt, performance.now() + latencyMs);
    this.#upFreeAt = due;
    this.#upLane.at(due, () => this.#silent || this.#far.write(chunk));
  }

  #down(chunk: Buffer): void {
    for (const unit of this.#units.push(chunk)) {
      if (this.#silent || this.#ended) return;
      const cut = this.#cutAt(unit);
      if (cut === null) this.#hold(unit.bytes);
      else this.#cut(cut, unit);
    }
  }

  #cutAt({ bytes, text }: WireUnit): ArmedCut | null {
    const reached = ({ afterBytes, atFrame }: ArmedCut) =>
      (afterBytes !== undefined && this.#sent + bytes.length >= afterBytes) || (text !== null && atFrame?.(text) === true);
    const cut = this.#control.cuts.find(reached);
    if (cut === undefined) {
      this.#sent += bytes.length;
      return null;
    }
    this.#control.cuts.splice(this.#control.cuts.indexOf(cut), 1);
    return cut;
  }

  #cut(cut: ArmedCut, { bytes, text }: WireUnit): void {
    const share = cut.share ?? 1;
    const torn = Math.max(1, Math.min(bytes.length - 1, Math.floor(bytes.length * share)));
    const kept = cut.afterBytes !== undefined ? cut.afterBytes - this.#sent : share === 0 ? 0 : share === 1 ? bytes.length : torn;
    if (kept > 0) this.#hold(bytes.subarray(0, kept));
    const end = () => (cut.how === 'silence' ? this.silence() : this.reset());
    if (cut.how === 'silence') this.#silent = true;
    // What was let through has to be on its way before the reset overtakes it.
    else if (this.#held > 0) this.#downLane.at(this.#freeAt, end);
    else if (kept > 0) this.#near.write('', end);
    else end();
    this.#silent = true;
    cut.done(text ?? '');
  }

  /** Passes bytes to the near side as fast as the shape allows. */
  #hold(bytes: Buffer): void {
    const { latencyMs = 0, bytesPerSecond, pieces } = this.#control.shape;
    if (latencyMs === 0 && bytesPerSecond === undefined && pieces === undefined && this.#held === 0) {
      if (!this.#near.write(bytes)) this.#far.pause();
      return;
    }
    const size = pieces ?? bytes.length;
    for (let at = 0; at < bytes.length; at += size) {
      const piece = bytes.subarray(at, at + size);
      const travel = bytesPerSecond === undefined ? 0 : (piece.length / bytesPerSecond) * 1000;
      this.#freeAt = Math.max(this.#freeAt, performance.now() + latencyMs) + travel;
      this.#held += piece.length;
      this.#downLane.at(this.#freeAt, () => {
        this.#held -= piece.length;
        this.#near.write(piece);
        this.#breathe();
      });
    }
    if (this.#held > MAX_HELD_BYTES) this.#far.pause();
  }

  #breathe(): void {
    if (this.#held <= MAX_HELD_BYTES && !this.#near.writableNeedDrain && !this.#ended) this.#far.resume();
  }
}

/** Does things one after the other, each not before its time. */
class Lane {
  readonly #waiting: { due: number; readonly work: () => void }[] = [];
  #timer: NodeJS.Timeout | undefined;

  at(due: number, work: () => void): void {
    this.#waiting.push({ due, work });
    if (this.#waiting.length === 1) this.#run();
  }

  hurry(): void {
    if (this.#waiting.length === 0) return;
    clearTimeout(this.#timer);
    for (const one of this.#waiting) one.due = 0;
    this.#run();
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#waiting.length = 0;
  }

  #run(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const wait = next.due - performance.now();
      if (wait > 0) {
        this.#timer = setTimeout(() => this.#run(), Math.ceil(wait));
        return;
      }
      next.work();
      this.#waiting.shift();
    }
  }
}
