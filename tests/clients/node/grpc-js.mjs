// A hospital's client with @grpc/grpc-js, its types loaded from the .proto files as they are.
import grpc from '@grpc/grpc-js';
import loader from '@grpc/proto-loader';
import { readdirSync } from 'node:fs';
import { FACILITY, PLAN, assert, facilityOf, isChinese, refused, run } from './concerns.mjs';

function load({ protos }) {
  const files = readdirSync(protos, { recursive: true }).filter((name) => name.endsWith('.proto'));
  // Longs as strings: a double would round what lies beyond 2^53. Defaults, or zero fields are absent.
  const options = { keepCase: true, longs: String, enums: String, defaults: true, oneofs: true, includeDirs: [protos] };
  return grpc.loadPackageDefinition(loader.loadSync(files, options));
}

class Client {
  constructor(place) {
    this.prefix = place.prefix;
    this.enrollee = `JS-${place.prefix}`;
    this.types = load(place);
    this.address = new URL(place.grpc).host;
    this.settlements = this.#service(this.types.settlementgrid.v1.SettlementService);
    this.enrollees = this.#service(this.types.settlementgrid.v1.EnrolleeService);
    this.funds = this.#service(this.types.settlementgrid.v1.FundService);
    this.health = this.#service(this.types.grpc.health.v1.Health);
    this.reflection = this.#service(this.types.grpc.reflection.v1.ServerReflection);
  }

  #service(Service) {
    return new Service(this.address, grpc.credentials.createInsecure());
  }

  call(service, method, request, { metadata = {}, seconds = 10 } = {}) {
    const sent = new grpc.Metadata();
    for (const [name, value] of Object.entries(metadata)) sent.set(name, value);
    const options = { deadline: Date.now() + seconds * 1000 };
    return new Promise((done, failed) => service[method](
      request, sent, options, (error, answer) => (error ? failed(error) : done(answer))));
  }

  enroll(region = '150502') {
    return this.call(this.enrollees, 'PutEnrollees', {
      enrollees: [{
        enrollee_id: this.enrollee, region_id: region, insurance: 'RESIDENT',
        coverages: [{ plan_id: PLAN, from: '2025-01-01', to: '2025-12-31' }],
      }],
    });
  }

  bill(number = 1, other = {}) {
    return {
      request_id: `${this.prefix}-${number}`, facility_id: FACILITY, encounter_id: `E-${this.prefix}-${number}`,
      enrollee_id: this.enrollee, care_type: 'INPATIENT', admitted_on: '2025-03-01', discharged_on: '2025-03-10',
      total_fen: '5000000', eligible_fen: '4000000', basic_paid_fen: '2000000', ...other,
    };
  }

  settle(bill, options) {
    return this.call(this.settlements, 'Settle', bill, options);
  }
}

async function settle(place) {
  const client = new Client(place);
  await client.enroll();
  const first = await client.settle(client.bill());
  // 20,000 yuan of their own, 14,000 of them before the plan begins, the rest at 60 %.
  assert.equal(first.plans_paid_fen, '360000');
  assert.equal(first.enrollee_pays_fen, '2640000');
  assert.deepEqual(first.layers.map((layer) => layer.layer_id), ['critical']);
  assert.equal(first.kind, 'SETTLEMENT');
  assert.deepEqual(await client.settle(client.bill()), first);
  const found = { facility_id: FACILITY, request_id: client.bill().request_id };
  assert.deepEqual(await client.call(client.settlements, 'GetSettlement', found), first);
}

async function refusal(place) {
  const client = new Client(place);
  await client.enroll();
  await client.settle(client.bill());
  const error = await refused(() => client.settle(client.bill(1, { total_fen: '5000001' })));
  assert.equal(error.code, grpc.status.ALREADY_EXISTS);
  assert.match(error.details, /^REQUEST_ID_REUSED: /);
  assert.deepEqual(error.metadata.get('settlementgrid-reason'), ['REQUEST_ID_REUSED']);
  const [bytes] = error.metadata.get('grpc-status-details-bin');
  const status = messageType(place, 'google.rpc.Status').deserialize(bytes);
  assert.equal(status.details[0].type_url, 'type.googleapis.com/settlementgrid.v1.Refusal');
  const details = messageType(place, 'settlementgrid.v1.Refusal').deserialize(status.details[0].value);
  assert.equal(details.reason, 'REQUEST_ID_REUSED');
  assert.equal(details.advice, 'FIX_REQUEST');
  assert.ok(isChinese(details.message_zh) && !isChinese(details.message_en));
}

async function deadline(place) {
  const client = new Client(place);
  const states = [];
  const stream = client.health.Watch({}, { deadline: Date.now() + 700 });
  const error = await new Promise((done) => {
    stream.on('data', (message) => states.push(message.status));
    stream.on('error', done);
  });
  assert.equal(error.code, grpc.status.DEADLINE_EXCEEDED);
  assert.deepEqual(states, ['SERVING']);
  await client.enroll();
  const settled = await client.settle(client.bill(), { seconds: 60 });
  assert.equal(settled.plans_paid_fen, '360000');
}

async function listing(place) {
  const client = new Client(place);
  await client.enroll();
  const facility = facilityOf(place.prefix);
  const settled = [];
  for (const number of [1, 2, 3]) settled.push(await client.settle(client.bill(number, { facility_id: facility })));
  const request = {
    facility_id: facility, page_size: 2, page_token: '',
    settled_from: { seconds: Number(settled[0].settled_at.seconds) - 1 },
    settled_to: { seconds: Number(settled[2].settled_at.seconds) + 1 },
  };
  const listed = [];
  let pages = 0;
  do {
    const page = await client.call(client.settlements, 'ListSettlements', request);
    listed.push(...page.settlements);
    request.page_token = page.next_page_token;
    pages += 1;
  } while (request.page_token);
  assert.equal(pages, 2);
  assert.deepEqual(listed.map((one) => one.settlement_id), settled.map((one) => one.settlement_id));
}

async function reflection(place) {
  const client = new Client(place);
  const stream = client.reflection.ServerReflectionInfo({ deadline: Date.now() + 10_000 });
  const answers = [];
  const ended = new Promise((done, failed) => {
    stream.on('data', (answer) => answers.push(answer));
    stream.on('end', done);
    stream.on('error', failed);
  });
  stream.write({ list_services: '' });
  stream.end();
  await ended;
  const services = answers[0].list_services_response.service.map((one) => one.name);
  assert.ok(services.includes('settlementgrid.v1.SettlementService'), services.join());
  const health = await client.call(client.health, 'Check', { service: 'settlementgrid.v1.SettlementService' });
  assert.equal(health.status, 'SERVING');
}

async function language(place) {
  const client = new Client(place);
  await client.enroll();
  const chinese = await client.settle(client.bill());
  const english = await client.settle(client.bill(), { metadata: { 'accept-language': 'en' } });
  assert.ok(isChinese(chinese.explanation[0]), chinese.explanation[0]);
  assert.ok(!isChinese(english.explanation[0]), english.explanation[0]);
  assert.equal(english.entry_hash, chinese.entry_hash);
}

async function compression(place) {
  const client = new Client(place);
  const options = { 'grpc.default_compression_algorithm': grpc.compressionAlgorithms.gzip };
  const packed = new client.types.settlementgrid.v1.SettlementService(
    client.address, grpc.credentials.createInsecure(), options);
  const error = await refused(() => client.call(packed, 'Settle', client.bill()));
  assert.equal(error.code, grpc.status.UNIMPLEMENTED);
  await client.enroll();
  assert.equal((await client.settle(client.bill())).plans_paid_fen, '360000');
}

// A message type with its way to and from bytes; only the loader's definition has that, not the loaded package.
async function funds(place) {
  const client = new Client(place);
  const region_id = '150592'; // nobody else's
  await client.enroll(region_id);
  const fund = { region_id, plan_id: PLAN, year: 2025 };
  const record = {
    ...fund, request_id: `${place.prefix}-premium`, kind: 'PREMIUM', amount_fen: '1000000', persons: '1',
    received_on: '2025-01-10',
  };
  const recorded = await client.call(client.funds, 'RecordPremium', record);
  assert.deepEqual(await client.call(client.funds, 'RecordPremium', record), recorded);
  const stream = client.funds.WatchPositions(fund, { deadline: Date.now() + 20_000 });
  const messages = stream[Symbol.asyncIterator]();
  const first = (await messages.next()).value;
  assert.deepEqual(first.positions.map((one) => [one.premium_fen, one.paid_fen, one.insured]), [['1000000', '0', '1']]);
  await client.settle(client.bill());
  let moved;
  do moved = (await messages.next()).value; while (moved.positions.length === 0);
  stream.on('error', () => {}); // grpc-js reports its own cancellation
  stream.cancel();
  assert.equal(moved.positions[0].paid_fen, '360000');
  assert.equal(moved.positions[0].usage_bp, 3600);
  const as_of_ledger_position = moved.ledger_position;
  const read = await client.call(client.funds, 'GetPosition', { ...fund, as_of_ledger_position });
  assert.deepEqual(read.by_facility.map((one) => [one.facility_id, one.paid_fen]), [[FACILITY, '360000']]);
  assert.deepEqual({ ...read, by_facility: [] }, moved.positions[0]);
  const listed = await client.call(client.funds, 'ListPositions', { ...fund, as_of_ledger_position });
  assert.deepEqual(listed.positions, moved.positions);
}

function messageType({ protos }, name) {
  const files = readdirSync(protos, { recursive: true }).filter((file) => file.endsWith('.proto'));
  const definition = loader.loadSync(files, { keepCase: true, enums: String, includeDirs: [protos] });
  return definition[name];
}

await run({ settle, refusal, deadline, listing, reflection, language, compression, funds });
