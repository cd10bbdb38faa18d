import { WebSocketServer } from 'ws';

/**
 * The least that can send a reply to many: each frame is made once and handed to every socket, `TOKENS` of them, one each
 * `TOKEN_MS`, as soon as somebody says `begin`. Frames are as long as the portal's.
 */
const frame = JSON.stringify({
  id: '1',
  type: 'next',
  payload: { data: { replyEvents: { __typename: 'ReplyText', seq: 1_000_001, offset: 1234, text: 'word' } } },
});
const server = new WebSocketServer({ port: Number(process.env.PORT), host: '127.0.0.1' });
server.on('connection', (socket) => {
  socket.once('message', () => {
    let left = Number(process.env.TOKENS);
    const timer = setInterval(() => {
      for (const client of server.clients) client.send(frame);
      if (--left === 0) clearInterval(timer);
    }, Number(process.env.TOKEN_MS));
  });
});
server.on('listening', () => console.log('ready'));
