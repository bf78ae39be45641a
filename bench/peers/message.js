// What all peers send: the recipients and texts of Belay's campaign; 50 bytes shorter for want of its Android part.
'use strict';
const http2 = require('node:http2');

const names = ['Asha', 'Rohan', 'Maria', 'Chen', 'Olu', 'Ivan', 'Fatima', 'Jonas',
  'Priya', 'Diego', 'Emma', 'Kofi', 'Yuki', 'Noor', 'Lucas', 'Zanele'];
const cities = ['Berlin', 'Pune', 'Lagos', 'Lima', 'Mumbai', 'Osaka', 'Nairobi', 'Toronto'];
const filler = 'APA91bHun4MxP5egoKMwt2KZFBaFUH-1RYqx4vTYnBqbmxRAxyAdTQfWGJ9aMKdnrkXk8qWYvRAyUSqRTvcpPvQnQX';
const bearer = 'Bearer ya29.' + 'c.b0Aaekm1K'.repeat(16).slice(0, 171);

const number = (n) => String(n).padStart(8, '0');
const token = (n) => `d${number(n)}XyQ0kTqRw7:${filler}${number(n * 7919 % 100000000)}abcdefghijklmnopqrstuvwxyz`;
const name = (n) => names[n % names.length];
const city = (n) => cities[(n >>> 4) % cities.length];

// What a sender has to render for recipient n.
function message(campaign, n) {
  return {
    token: token(n),
    notification: {
      title: `Hello ${name(n)}, the festival sale is on`,
      body: `Only today in ${city(n)}: up to 60% off on everything that you have put into your basket. Tap to see it.`,
    },
    data: { wzrk_id: String(campaign), wzrk_dl: 'https://shop.example.com/sale', wzrk_cid: 'offers' },
  };
}

const path = '/v1/projects/bench/messages:send';

// One HTTP/2 connection; send() resolves with the status once the whole answer is in.
function connect(url) {
  const session = http2.connect(url);
  session.on('error', (error) => { console.error(String(error)); process.exit(1); });
  const headers = {
    ':method': 'POST', ':path': path, 'content-type': 'application/json', authorization: bearer,
  };
  return {
    send: (campaign, n) => new Promise((resolve, reject) => {
      const request = session.request(headers);
      let status = 0;
      request.on('response', (answer) => { status = answer[':status']; });
      request.on('data', () => {});
      request.on('end', () => (status === 200 ? resolve(status) : reject(new Error(`answered ${status}`))));
      request.on('error', reject);
      request.end(JSON.stringify({ message: message(campaign, n) }));
    }),
    close: () => session.close(),
  };
}

// Microseconds of the machine's monotonic clock, which all its processes share.
const now = () => Number(process.hrtime.bigint() / 1000n);

// Runs `stop` when a line comes in, and says when it was called and when it had returned.
function stopOnLine(stop, goodbye) {
  process.stdout.write('ready\n');
  process.stdin.once('data', async () => {
    const called = now();
    await stop();
    const returned = now();
    process.stdout.write(JSON.stringify({ called, returned }) + '\n');
    await goodbye();
    process.exit(0);
  });
}

module.exports = { message, token, name, city, bearer, path, connect, now, stopOnLine };
