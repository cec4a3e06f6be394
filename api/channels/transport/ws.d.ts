/** The part of `ws` that is used here; Node 22 has a WebSocket of its own, Node 20 has none. */
declare module 'ws' {
  import type { EventEmitter } from 'node:events';
  import type { IncomingMessage } from 'node:http';
  import type { Duplex } from 'node:stream';
  export class WebSocket extends EventEmitter {
    constructor(url: string, options?: { readonly handshakeTimeout?: number; readonly maxPayload?: number });
    send(text: string): void;
    close(): void;
    terminate(): void;
    on(event: 'message', listen: (data: Buffer) => void): this;
    on(event: 'error', listen: (error: Error) => void): this;
    on(event: 'open' | 'close', listen: () => void): this;
  }
  export class WebSocketServer extends EventEmitter {
    constructor(options: { readonly noServer: true });
    handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, done: (socket: WebSocket) => void): void;
  }
}
