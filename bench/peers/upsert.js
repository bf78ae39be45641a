// PostgreSQL as a store of profiles: batches of 1000, two in flight, one INSERT ... ON CONFLICT each.
//   node upsert.js N ROUND      environment: DATABASE_URL
'use strict';
const { Client } = require('pg');
const { name, city } = require('./message');

const plans = ['free', 'silver', 'gold'];

function batch(from, count, round) {
  const rows = [];
  for (let n = from; n < from + count; n++) {
    rows.push({
      id: `device-${String(n).padStart(8, '0')}`,
      data: {
        Name: name(n), City: city(n), Email: `person${n}@example.com`, Plan: plans[n % 3], Number: n,
        'Total spent': (n + round) % 10000 + 0.5,
      },
    });
  }
  return JSON.stringify(rows);
}

async function main(count, round) {
  const clients = [0, 1].map(() => new Client({ connectionString: process.env.DATABASE_URL }));
  for (const client of clients) await client.connect();
  await clients[0].query('create table if not exists profile (id text primary key, properties jsonb not null)');
  const bodies = [];
  for (let n = 0; n < count; n += 1000) bodies.push(batch(n, 1000, round));
  let next = 0;
  const took = [];
  const began = process.hrtime.bigint();
  await Promise.all(clients.map(async (client) => {
    while (next < bodies.length) {
      const from = process.hrtime.bigint();
      await client.query({
        name: 'upsert',
        text: 'insert into profile select id, data from jsonb_to_recordset($1::jsonb) as r(id text, data jsonb)'
          + ' on conflict (id) do update set properties = profile.properties || excluded.properties',
        values: [bodies[next++]],
      });
      took.push(Number(process.hrtime.bigint() - from) / 1e6);
    }
  }));
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  took.sort((a, b) => a - b);
  const at = (q) => took[Math.floor(q * (took.length - 1))];
  console.log(JSON.stringify({ rate: count / seconds, p50_ms: at(0.5), p99_ms: at(0.99) }));
  for (const client of clients) await client.end();
}

main(Number(process.argv[2]), Number(process.argv[3]));
