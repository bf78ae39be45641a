// BullMQ on Redis, one message a job.
//   node bullmq.js enqueue N | work | stop        environment: REDIS_PORT, SINK (http://host:port), CAMPAIGN
'use strict';
const { Queue, Worker } = require('bullmq');
const Redis = require('ioredis');
const { connect, stopOnLine } = require('./message');

const campaign = process.env.CAMPAIGN;
const connection = () => new Redis({ port: Number(process.env.REDIS_PORT), maxRetriesPerRequest: null });

async function enqueue(count) {
  const queue = new Queue('campaign', { connection: connection() });
  for (let from = 0; from < count; from += 1000) {
    const jobs = [];
    for (let n = from; n < Math.min(from + 1000, count); n++) {
      jobs.push({ name: 'push', data: { n }, opts: { removeOnComplete: true } });
    }
    await queue.addBulk(jobs);
  }
  await queue.close();
  process.exit(0);
}

function work() {
  const sender = connect(process.env.SINK);
  const worker = new Worker('campaign', (job) => sender.send(campaign, job.data.n),
    { connection: connection(), concurrency: 100 });
  worker.on('error', (error) => console.error(String(error)));
}

function stop() {
  const queue = new Queue('campaign', { connection: connection() });
  queue.waitUntilReady().then(() => stopOnLine(() => queue.pause(), () => queue.close()));
}

const [what, count] = process.argv.slice(2);
({ enqueue: () => enqueue(Number(count)), work, stop })[what]();
