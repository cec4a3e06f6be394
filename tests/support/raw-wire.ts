import { connect, type Socket } from 'node:net';
import { deserialize, serialize, type Document } from 'bson';

/** A client of the wire protocol that does nothing by itself: no retries, no sessions, any bytes. */
export class RawWire {
  private readonly socket: Socket;
  private readonly waiting = new Map<number, (reply: Document) => void>();
  private got: Buffer = Buffer.alloc(0);
  private next = 1;
  readonly closed: Promise<void>;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => { socket.once('close', () => resolve()); });
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => this.take(chunk));
  }
  static async open(uri: string): Promise<RawWire> {
    const socket = connect(Number(new URL(uri).port), '127.0.0.1');
    await new Promise<void>((resolve, reject) => { socket.once('connect', () => resolve()); socket.once('error', reject); });
    return new RawWire(socket);
  }

  private take(chunk: Buffer): void {
    this.got = this.got.length === 0 ? chunk : Buffer.concat([this.got, chunk]);
    while (this.got.length >= 16 && this.got.length >= this.got.readInt32LE(0)) {
      const one = this.got.subarray(0, this.got.readInt32LE(0));
      this.got = this.got.subarray(one.length);
      const told = this.waiting.get(one.readInt32LE(8));
      this.waiting.delete(one.readInt32LE(8));
      told?.(deserialize(one.subarray(21), { promoteValues: true }));
    }
  }
  /** Answers the reply; never, when the connection ends before it. */
  send(command: Document): Promise<Document> {
    this.next += 1;
    const id = this.next;
    const reply = new Promise<Document>((resolve) => { this.waiting.set(id, resolve); });
    this.write(message(command, id));
    return reply;
  }
  write(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }
  close(): void {
    this.socket.destroy();
  }
}

/** An OP_MSG of one section. Source: MongoDB manual, "Wire Protocol". */
export function message(command: Document, id: number): Buffer {
  const body = serialize(command);
  const head = Buffer.alloc(21);
  head.writeInt32LE(21 + body.length, 0);
  head.writeInt32LE(id, 4);
  head.writeInt32LE(2013, 12);
  return Buffer.concat([head, body]);
}
