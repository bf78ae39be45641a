// firebase-admin's sendEach(500), two calls at a time, no queue: the nearest thing to a stop is a flag
// looked at between two calls, set here through the process's own control port.
//   node firebase.js work N | stop                environment: SINK, CAMPAIGN, CONTROL_PORT
'use strict';
const http = require('node:http');
const http2 = require('node:http2');
const { message, bearer, stopOnLine } = require('./message');

// The library knows Google's host only, and sends ":scheme: https:", which a strict server refuses.
function redirect(sink) {
  const real = http2.connect;
  http2.connect = (url, options) => {
    const session = real(sink, options);
    const request = session.request.bind(session);
    session.request = (headers, more) => request({ ...headers, ':scheme': 'http' }, more);
    return session;
  };
}

function work(count) {
  redirect(process.env.SINK);
  const admin = require('firebase-admin');
  const credential = { getAccessToken: async () => ({ access_token: bearer.slice(7), expires_in: 3600 }) };
  const messaging = admin.initializeApp({ projectId: 'bench', credential }).messaging();
  const campaign = process.env.CAMPAIGN;
  let stopped = false;
  let next = 0;
  const control = http.createServer((request, answer) => { stopped = true; answer.end('stopped'); });
  control.listen(Number(process.env.CONTROL_PORT), '127.0.0.1');

  async function lane() {
    while (!stopped && next < count) {
      const batch = [];
      for (; next < count && batch.length < 500; next++) batch.push(message(campaign, next));
      const { failureCount } = await messaging.sendEach(batch);
      if (failureCount !== 0) throw new Error(`${failureCount} messages failed`);
    }
  }
  Promise.all([lane(), lane()]).catch((error) => { console.error(String(error)); process.exit(1); });
}

function stop() {
  stopOnLine(() => new Promise((resolve, reject) => {
    http.get({ host: '127.0.0.1', port: Number(process.env.CONTROL_PORT) }, (answer) => {
      answer.resume();
      answer.on('end', resolve);
    }).on('error', reject);
  }), async () => {});
}

const [what, count] = process.argv.slice(2);
({ work: () => work(Number(count)), stop })[what]();
