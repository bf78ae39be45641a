// The vendor's own Node client against Belay: upload, create, list, result, stop. Only its public
// property api.apiEndpoint is set. Arguments: URL ACCOUNT PASSCODE.
'use strict';
const assert = require('assert');
const CleverTap = require('clevertap');

const [url, account, passcode] = process.argv.slice(2);
const client = CleverTap.init(account, passcode, CleverTap.REGIONS.INDIA);
client.api.apiEndpoint = url + '/1';

const day = (ahead) => new Date(Date.now() + ahead * 86400e3).toISOString().slice(0, 10).replace(/-/g, '');

async function upload() {
  const profiles = [1, 2, 3].map((n) => ({
    type: 'profile', objectId: 'node-' + n, profileData: { Name: 'Node ' + n },
  }));
  assert.deepStrictEqual(await client.upload(profiles), { status: 'success', processed: 3, unprocessed: [] });
  const tokens = [1, 2, 3].map((n) => ({
    type: 'token', objectId: 'node-' + n, tokenData: { id: 'node-token-' + n, type: 'fcm' },
  }));
  assert.deepStrictEqual(await client.uploadDeviceTokens(tokens), { status: 'success', processed: 3, unprocessed: [] });
}

function campaign(extra) {
  return Object.assign({
    name: 'From Node', segment: 'all', content: { title: 'Hello', body: 'from Node' }, devices: ['android'],
    when: day(2) + ' 10:00',
  }, extra);
}

async function main() {
  await upload();

  const estimate = await client.targets(client.TARGET_CREATE, campaign({ estimate_only: true }));
  assert.strictEqual(estimate.status, 'success');
  assert.deepStrictEqual(estimate.estimates, { android: 3 });
  assert.strictEqual(estimate.id, undefined);

  const created = await client.targets(client.TARGET_CREATE, campaign());
  assert.strictEqual(created.status, 'success');
  assert.ok(Number.isInteger(created.id) && created.id > 1e9, JSON.stringify(created));

  const listed = await client.targets(client.TARGET_LIST, { from: Number(day(0)), to: Number(day(4)) });
  assert.strictEqual(listed.status, 'success');
  assert.deepStrictEqual(listed.targets.map((t) => [t.id, t.name, t.status]), [[created.id, 'From Node', 'pending']]);

  const early = await client.targets(client.TARGET_RESULT, { id: created.id });
  assert.ok(early.error, 'a campaign that has not completed has no result: ' + JSON.stringify(early));

  // The client passes the type of the id on: a number and a text of digits both stop.
  assert.deepStrictEqual(await client.targets(client.TARGET_STOP, { id: created.id }), { status: 'success' });
  assert.deepStrictEqual(await client.targets(client.TARGET_STOP, { id: String(created.id) }), { status: 'success' });
  const unknown = await client.targets(client.TARGET_STOP, { id: 1 });
  assert.strictEqual(unknown.status, 'fail');
  assert.strictEqual(unknown.code, 400);
  const negative = await client.targets(client.TARGET_STOP, { id: -5 });
  assert.strictEqual(negative.status, 'fail');

  const after = await client.targets(client.TARGET_LIST, { from: Number(day(0)), to: Number(day(4)) });
  assert.deepStrictEqual(after.targets.map((t) => t.status), ['stopped']);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
