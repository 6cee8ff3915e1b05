// A hospital's client with @connectrpc/connect: JSON or protobuf over HTTP/1.1, or gRPC over HTTP/2. Its types come
// from a FileDescriptorSet that protoc made of the .proto files. The transport is the concern's first word: json-settle.
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema, timestampFromMs, timestampMs } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createConnectTransport, createGrpcTransport } from '@connectrpc/connect-node';
import { readFileSync } from 'node:fs';
import { FACILITY, PLAN, assert, facilityOf, isChinese, refused, run } from './concerns.mjs';

const transports = {
  json: ({ http }) => createConnectTransport({ baseUrl: http, httpVersion: '1.1', useBinaryFormat: false }),
  binary: ({ http }) => createConnectTransport({ baseUrl: http, httpVersion: '1.1', useBinaryFormat: true }),
  grpc: ({ grpc }) => createGrpcTransport({ baseUrl: grpc }),
};

class Client {
  constructor(place, transport) {
    this.prefix = place.prefix;
    this.enrollee = `CO-${place.prefix}`;
    this.registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(place.descriptors)));
    const way = transports[transport](place);
    const client = (name) => createClient(this.registry.getService(name), way);
    this.settlements = client('settlementgrid.v1.SettlementService');
    this.enrollees = client('settlementgrid.v1.EnrolleeService');
    this.funds = client('settlementgrid.v1.FundService');
    this.health = client('grpc.health.v1.Health');
    this.reflection = client('grpc.reflection.v1.ServerReflection');
  }

  value(type, name) {
    return this.registry.getEnum(`settlementgrid.v1.${type}`).values.find((one) => one.name === name).number;
  }

  enroll(region = '150502') {
    return this.enrollees.putEnrollees({
      enrollees: [{
        enrolleeId: this.enrollee, regionId: region, insurance: this.value('Insurance', 'RESIDENT'),
        coverages: [{ planId: PLAN, from: '2025-01-01', to: '2025-12-31' }],
      }],
    });
  }

  bill(number = 1, other = {}) {
    return {
      requestId: `${this.prefix}-${number}`, facilityId: FACILITY, encounterId: `E-${this.prefix}-${number}`,
      enrolleeId: this.enrollee, careType: this.value('CareType', 'INPATIENT'),
      admittedOn: '2025-03-01', dischargedOn: '2025-03-10',
      totalFen: 5000000n, eligibleFen: 4000000n, basicPaidFen: 2000000n, ...other,
    };
  }
}

const concerns = {
  async settle(client) {
    await client.enroll();
    const first = await client.settlements.settle(client.bill());
    // 20,000 yuan of their own, 14,000 of them before the plan begins, the rest at 60 %.
    assert.equal(first.plansPaidFen, 360000n);
    assert.equal(first.enrolleePaysFen, 2640000n);
    assert.deepEqual(first.layers.map((layer) => layer.layerId), ['critical']);
    assert.deepEqual(await client.settlements.settle(client.bill()), first);
    const found = await client.settlements.getSettlement({ settlementId: first.settlementId });
    assert.deepEqual(found, first);
  },

  async refusal(client) {
    await client.enroll();
    await client.settlements.settle(client.bill());
    const error = await refused(() => client.settlements.settle(client.bill(1, { totalFen: 5000001n })));
    assert.ok(error instanceof ConnectError);
    assert.equal(error.code, Code.AlreadyExists);
    assert.match(error.rawMessage, /^REQUEST_ID_REUSED: /);
    const [details] = error.findDetails(client.registry.getMessage('settlementgrid.v1.Refusal'));
    assert.equal(details.reason, 'REQUEST_ID_REUSED');
    assert.equal(details.advice, client.value('Advice', 'FIX_REQUEST'));
    assert.ok(isChinese(details.messageZh) && !isChinese(details.messageEn));
  },

  // The stream's first message arrives while the call is still open; then its time is up.
  async deadline(client) {
    const states = [];
    const error = await refused(async () => {
      for await (const message of client.health.watch({}, { timeoutMs: 700 })) states.push(message.status);
    });
    assert.equal(error.code, Code.DeadlineExceeded);
    assert.deepEqual(states, [1]);
    await client.enroll();
    const settled = await client.settlements.settle(client.bill(), { timeoutMs: 60_000 });
    assert.equal(settled.plansPaidFen, 360000n);
  },

  async listing(client, { prefix }) {
    await client.enroll();
    const facilityId = facilityOf(prefix);
    const settled = [];
    for (const number of [1, 2, 3]) settled.push(await client.settlements.settle(client.bill(number, { facilityId })));
    const request = {
      facilityId, pageSize: 2, pageToken: '',
      settledFrom: settled[0].settledAt, settledTo: timestampFromMs(timestampMs(settled[2].settledAt) + 1),
    };
    const listed = [];
    let pages = 0;
    do {
      const page = await client.settlements.listSettlements(request);
      listed.push(...page.settlements);
      request.pageToken = page.nextPageToken;
      pages += 1;
    } while (request.pageToken);
    assert.equal(pages, 2);
    assert.deepEqual(listed.map((one) => one.settlementId), settled.map((one) => one.settlementId));
  },

  async funds(client, { prefix }) {
    // One region for each transport, and nobody else's.
    const regionId = { 'connect-json-funds': '150593', 'connect-binary-funds': '150594' }[prefix] ?? '150595';
    await client.enroll(regionId);
    const fund = { regionId, planId: PLAN, year: 2025 };
    const record = {
      ...fund, requestId: `${prefix}-premium`, kind: client.value('FundRecordKind', 'PREMIUM'), amountFen: 1000000n,
      persons: 1n, receivedOn: '2025-01-10',
    };
    const recorded = await client.funds.recordPremium(record);
    assert.deepEqual(await client.funds.recordPremium(record), recorded);
    const stop = new AbortController();
    const stream = client.funds.watchPositions(fund, { signal: stop.signal, timeoutMs: 20_000 });
    const messages = stream[Symbol.asyncIterator]();
    const first = (await messages.next()).value;
    assert.deepEqual(first.positions.map((one) => [one.premiumFen, one.paidFen, one.insured]), [[1000000n, 0n, 1n]]);
    await client.settlements.settle(client.bill());
    let moved;
    do moved = (await messages.next()).value; while (moved.positions.length === 0);
    stop.abort();
    assert.equal(moved.positions[0].paidFen, 360000n);
    assert.equal(moved.positions[0].usageBp, 3600);
    const read = await client.funds.getPosition({ ...fund, asOfLedgerPosition: moved.ledgerPosition });
    assert.deepEqual(read.byFacility.map((one) => [one.facilityId, one.paidFen]), [[FACILITY, 360000n]]);
    read.byFacility = [];
    assert.deepEqual(read, moved.positions[0]);
  },

  async health(client) {
    const health = await client.health.check({});
    assert.equal(health.status, 1);
    const error = await refused(() => client.health.check({ service: 'no.such.Service' }));
    assert.equal(error.code, Code.NotFound);
  },

  // Both sides stream, which HTTP/1.1 cannot: for gRPC alone.
  async reflection(client) {
    async function* requests() {
      yield { messageRequest: { case: 'listServices', value: '' } };
    }
    const services = [];
    for await (const answer of client.reflection.serverReflectionInfo(requests())) {
      services.push(...answer.messageResponse.value.service.map((one) => one.name));
    }
    assert.ok(services.includes('settlementgrid.v1.SettlementService'), services.join());
  },

  async language(client) {
    await client.enroll();
    const chinese = await client.settlements.settle(client.bill());
    const english = await client.settlements.settle(client.bill(), { headers: { 'accept-language': 'en' } });
    assert.ok(isChinese(chinese.explanation[0]), chinese.explanation[0]);
    assert.ok(!isChinese(english.explanation[0]), english.explanation[0]);
    assert.equal(english.entryHash, chinese.entryHash);
  },
};

await run(Object.fromEntries(Object.keys(transports).flatMap((transport) => Object.entries(concerns).map(
  ([name, concern]) => [`${transport}-${name}`, (place) => concern(new Client(place, transport), place)]))));
