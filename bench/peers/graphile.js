// graphile-worker on PostgreSQL, one message a job, with its local queue: its fast setting.
//   node graphile.js enqueue N | work | stop      environment: DATABASE_URL, SINK, CAMPAIGN
'use strict';
const { run, runMigrations } = require('graphile-worker');
const { Pool } = require('pg');
const { connect, stopOnLine } = require('./message');

const connectionString = process.env.DATABASE_URL;
const campaign = process.env.CAMPAIGN;

async function enqueue(count) {
  await runMigrations({ connectionString });
  const pool = new Pool({ connectionString, max: 1 });
  for (let from = 0; from < count; from += 5000) {
    const jobs = [];
    for (let n = from; n < Math.min(from + 5000, count); n++) jobs.push({ identifier: 'push', payload: { n } });
    await pool.query('select graphile_worker.add_jobs(array(select json_populate_recordset('
      + 'null::graphile_worker.job_spec, $1::json)))', [JSON.stringify(jobs)]);
  }
  await pool.end();
}

async function work() {
  const sender = connect(process.env.SINK);
  await run({
    taskList: { push: (payload) => sender.send(campaign, payload.n).then(() => undefined) },
    preset: {
      worker: {
        connectionString, concurrentJobs: 50, maxPoolSize: 12, localQueue: { size: 500 },
        completeJobBatchDelay: 0, failJobBatchDelay: 0,
      },
    },
    logger: new (require('graphile-worker').Logger)(() => () => {}),
  });
}

async function stop() {
  const pool = new Pool({ connectionString, max: 1 });
  await pool.query('select 1');
  stopOnLine(() => pool.query('delete from graphile_worker._private_jobs where locked_at is null'),
    () => pool.end());
}

const [what, count] = process.argv.slice(2);
({ enqueue: () => enqueue(Number(count)), work, stop })[what]();
