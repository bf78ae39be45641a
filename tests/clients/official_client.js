// The vendor's own Node client against Belay, every method of it. Only its public
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

// What the README of the client shows, on people of their own.
async function people() {
  const when = Math.floor(Date.now() / 1000) - 60;
  const records = [
    { type: 'profile', identity: '6264372124', objectId: 'node-phone',
      profileData: { favoriteColor: 'green', Age: 30, Phone: '+14155551234', Email: 'peter+1@foo.com' } },
    { type: 'event', identity: '6264372124', ts: when, evtName: 'choseNewFavoriteFood', evtData: { value: 'pizza' } },
    { type: 'event', FBID: '34322423', ts: when, evtName: 'choseNewFavoriteFood', evtData: { value: 'sushi' } },
    { type: 'event', identity: 'jack@gmail.com', ts: when, evtName: 'Charged',
      evtData: { Amount: 300, Currency: 'USD' } },
  ];
  const both = await client.upload(records, { batchSize: 2 });
  assert.deepStrictEqual(both.map((answer) => answer.processed), [2, 2]);

  for (const name of [{ email: 'peter+1@foo.com' }, { identity: '6264372124' }, { objectId: 'node-phone' }]) {
    const found = await client.profile(name);
    assert.strictEqual(found.status, 'success', JSON.stringify(found));
    assert.strictEqual(found.record.profileData.favoriteColor, 'green');
    assert.strictEqual(found.record.events.choseNewFavoriteFood.count, 1);
  }

  const days = { from: Number(day(-2)), to: Number(day(1)) };
  const pizza = Object.assign(
    { event_name: 'choseNewFavoriteFood', props: [{ name: 'value', operator: 'contains', value: 'piz' }] }, days);
  const events = await client.events(pizza, { batchSize: 6000 });
  assert.deepStrictEqual(events.map((e) => [e.profile.identity, e.event_props.value]), [['6264372124', 'pizza']]);
  const all = await client.events(Object.assign({ event_name: 'choseNewFavoriteFood' }, days), { batchSize: 1 });
  assert.strictEqual(all.length, 2, 'page by page to the end');
  const green = { common_profile_properties: { profile_fields: [{ name: 'favoriteColor', value: 'green' }] } };
  assert.deepStrictEqual((await client.profiles(green, { batchSize: 1 })).map((p) => p.identity), ['6264372124']);

  assert.deepStrictEqual(await client.getEventsCount(pizza), { status: 'success', count: 1 });
  assert.deepStrictEqual(await client.getProfilesCount(green), { status: 'success', count: 1 });
  const now = await client.realTimeCounts({ user_type: true });
  assert.deepStrictEqual([now.status, now.count], ['success', 3]);
  const charged = Object.assign({ event_name: 'Charged' }, days);
  const top = await client.topPropertyCounts(Object.assign({ groups: {
    foo: { property_type: 'event_properties', name: 'Amount' },
    bar: { property_type: 'event_properties', name: 'Currency', top_n: 2, order: 'asc' },
  } }, charged));
  assert.deepStrictEqual(top, { status: 'success', foo: { NUMBER: { '300-301': 1 } }, bar: { STR: { USD: 1 } } });
  const groups = { foo: { trend_type: 'daily' }, bar: { trend_type: 'weekly' }, foobar: { trend_type: 'monthly' } };
  const trends = await client.trends(Object.assign({ unique: false, sum_event_prop: 'Amount', groups }, charged));
  assert.strictEqual(Object.values(trends.foo).reduce((a, b) => a + b), 300);

  const none = await client.getMessageReports({ from: day(-30), to: day(-20) });
  assert.deepStrictEqual(none, { status: 'success', total_results: 0, messages: [] });
  const words = [{ type: 'email', value: 'peter+1@foo.com', status: 'Unsubscribe' }];
  assert.strictEqual((await client.subscribe({ d: words })).status, 'success');
  assert.strictEqual((await client.disassociate({ d: [{ type: 'phone', value: '+14155551234' }] })).status, 'success');
  assert.strictEqual((await client.demerge({ identities: ['6264372124'] })).status, 'success');
  assert.deepStrictEqual((await client.profile({ identity: '6264372124' })).record.platformInfo, []);
  assert.strictEqual((await client.delete({ identity: ['6264372124', 'jack@gmail.com'] })).status, 'success');
  assert.strictEqual((await client.profile({ identity: '6264372124' })).status, 'fail');
}

async function main() {
  await people();
  await upload();

  const estimate = await client.targets(client.TARGET_CREATE, campaign({ estimate_only: true }));
  assert.strictEqual(estimate.status, 'success');
  assert.deepStrictEqual(estimate.estimates, { android: 3 });
  assert.strictEqual(estimate.id, undefined);

  const older = await client.targets(client.TARGET_ESTIMATE, campaign());
  assert.deepStrictEqual(older, { status: 'success', estimates: { android: 3 } });

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

  const reports = await client.getMessageReports({ from: day(0), to: day(4), channel: ['push'], status: ['stopped'] });
  assert.deepStrictEqual([reports.status, reports.total_results], ['success', 1]);
  const message = reports.messages[0];
  assert.deepStrictEqual([message['message id'], message.message_name, message.sent], [created.id, 'From Node', 0]);
  assert.match(message.start_date, /^\d\d [A-Z][a-z]{2}, \d{4} 10:00:00$/);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
