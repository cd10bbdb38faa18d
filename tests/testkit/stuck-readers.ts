import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';

const query = 'subscription ($id: ID!) { replyEvents(messageId: $id) { seq ... on ReplyText { offset text } } }';

/** A WebSocket that follows a reply; open until it is closed or the test ends. */
export async function openSocket(url: string, replyId: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init' }));
  await once(socket, 'message');
  socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query, variables: { id: replyId } } }));
  return socket;
}

/** One that takes in nothing more, not even that it shall close. */
export async function openStuckSocket(url: string, replyId: string): Promise<WebSocket> {
  const socket = await openSocket(url, replyId);
  socket.pause();
  return socket;
}

/** Asks for server-sent events, and never reads a byte of them. */
export async function openStuckStream(url: string, replyId: string): Promise<Socket> {
  const { hostname, port, host } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) }).pause();
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, 'connect');
  const body = JSON.stringify({ query, variables: { id: replyId } });
  const head = [
    'POST /graphql HTTP/1.1',
    `Host: ${host}`,
    'Content-Type: application/json',
    'Accept: text/event-stream',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  return socket;
}
