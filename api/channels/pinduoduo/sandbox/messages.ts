/** The stand-in's message service (PMC): its own reading of frames, heartbeats and confirmations. */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Unfriendly } from '../../sandbox/stand-in.ts';
import type { World, WorldOrder } from '../../sandbox/world.ts';

const SKEW_MS = 600_000;
const AGAIN_MS = 2_000;
const LOOK_MS = 250;
const BEAT_MS = 30_000;
const KEPT_MS = 7 * 86_400_000;
type Parts = { readonly world: World; readonly appKey: string; readonly appSecret: string; readonly owner: string; readonly rude: Unfriendly; readonly permitted: () => boolean };

/** What happened to an order, as the platform names it; a change in which nothing is to be seen has no message. */
const topicOf = (o: WorldOrder): string | undefined => (o.refunds.some((r) => r.state === 'requested') ? 'pdd_refund_RefundCreated' : o.state === 'to_ship' ? 'pdd_trade_TradeConfirmed' : o.state === 'shipped' ? 'pdd_trade_TradeSellerShip' : o.state === 'finished' ? 'pdd_trade_TradeSuccess' : undefined);
const keyOf = (o: WorldOrder): string => `${o.tid} ${o.modifiedAt.getTime()} ${topicOf(o) ?? ''}`;

export function messageService({ world, appKey, appSecret, owner, rude, permitted }: Parts): (request: IncomingMessage, socket: Duplex, head: Buffer, url: URL) => boolean {
  const server = new WebSocketServer({ noServer: true });
  /** What was confirmed; and which frame stands for what. */
  const done = new Set<string>();
  const out = new Map<string, { readonly key: string; readonly sendTime: number }>();
  let next = 9_007_199_254_740_993n;

  const frameOf = (o: WorldOrder, sendTime: number): string => {
    next += 2n;
    const topic = topicOf(o)!;
    const refund = topic.startsWith('pdd_refund_') ? o.refunds.find((r) => r.state === 'requested') : undefined;
    out.set(String(next), { key: keyOf(o), sendTime });
    const content = JSON.stringify({ mall_id: owner, tid: o.tid, ...(refund ? { refund_id: refund.refundId, bill_type: 1, operation: 1, refund_fee: refund.refundFen, modified: refund.modifiedAt.getTime() } : {}) });
    return `{"id":${next},"commandType":"Common","time":${sendTime},"sendTime":${sendTime},"message":{"type":"${topic}","mallID":${owner},"content":${JSON.stringify(content)}}}`;
  };
  const serve = (socket: WebSocket): void => {
    const sentAt = new Map<string, number>();
    const look = (): void => {
      if (!permitted()) return;
      const now = world.now().getTime();
      world.advanceTo(world.now());
      for (const o of world.between('pinduoduo', 'modifiedAt', now - KEPT_MS, now)) {
        const key = keyOf(o);
        if (!topicOf(o) || done.has(key) || performance.now() - (sentAt.get(key) ?? -Infinity) < AGAIN_MS) continue;
        sentAt.set(key, performance.now());
        socket.send(frameOf(o, now));
        if (rude.repeat) socket.send(frameOf(o, now));
      }
    };
    const beat = setInterval(() => socket.send(`{"id":${world.now().getTime()},"commandType":"HeartBeat","time":${world.now().getTime()}}`), BEAT_MS);
    const looking = setInterval(look, LOOK_MS);
    socket.on('message', (data) => {
      const said = /^\{"id":(\d+),"commandType":"Ack","time":\d{13},"sendTime":(\d+),"type":"(\w+)","mallID":(\d+)\}$/.exec(data.toString('utf8'));
      const frame = said ? out.get(said[1]!) : undefined;
      // A confirmation that does not give back what it was sent is none.
      if (frame && said?.[2] === String(frame.sendTime) && said[4] === owner && frame.key.endsWith(said[3]!)) done.add(frame.key);
    });
    socket.on('close', () => {
      clearInterval(beat);
      clearInterval(looking);
    });
    socket.on('error', () => socket.terminate());
    look();
  };
  return (request, socket, head, url) => {
    const [, clientId, ms = '', digest = ''] = /^\/pinduoduo\/message\/([^/]+)\/(\d{13})\/(.+)$/.exec(url.pathname) ?? [];
    if (clientId === undefined) return false;
    const wanted = Buffer.from(createHash('md5').update(`${appKey}${ms}${appSecret}`).digest('hex'), 'latin1').toString('base64');
    if (clientId !== appKey || decodeURIComponent(digest) !== wanted || Math.abs(Number(ms) - world.now().getTime()) > SKEW_MS) socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n\r\n');
    else server.handleUpgrade(request, socket, head, serve);
    return true;
  };
}
