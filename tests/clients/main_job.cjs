// The main job with the npm client `@think-it-labs/edc-connector-client`, against two connectors.
// Each step that holds prints `step NAME`; the test that runs this knows which must come.
const { EdcConnectorClient, PolicyBuilder } = require("@think-it-labs/edc-connector-client");
const assert = require("node:assert/strict");

const env = (name) => process.env[name] ?? assert.fail(`${name} is not set`);
const provider = { did: env("PROVIDER_DID"), address: env("PROVIDER_ADDRESS") };
const protocol = "dataspace-protocol-http:2025-1";
const client = (url) =>
  new EdcConnectorClient.Builder().apiToken(env("KEY")).managementUrl(url).defaultUrl(url).build();
const party = (url) => client(url).management;
const host = party(env("PROVIDER_MANAGEMENT"));
const guest = party(env("CONSUMER_MANAGEMENT"));
const step = (name) => console.log(`step ${name}`);

async function until(what, read, done) {
  const deadline = Date.now() + 15000;
  for (;;) {
    const found = await read();
    if (done(found)) return found;
    assert.ok(Date.now() < deadline, `${what}: ${JSON.stringify(found)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function assets() {
  const input = {
    "@id": "tides",
    properties: { name: "Tides", contenttype: "text/csv" },
    privateProperties: { shelf: "7" },
    dataAddress: { type: "HttpData", baseUrl: env("SOURCE"), proxyPath: "false" },
  };
  const created = await host.assets.create(input);
  assert.equal(created.id, "tides");
  assert.ok(created.createdAt > 0);
  const found = await host.assets.get("tides");
  assert.equal(found.properties.optionalValue("edc", "name"), "Tides");
  assert.equal(found.privateProperties.optionalValue("edc", "shelf"), "7");
  assert.equal(found.dataAddress.optionalValue("edc", "baseUrl"), env("SOURCE"));
  await assert.rejects(host.assets.create(input), { type: "Duplicate" });
  await assert.rejects(host.assets.get("nothing"), { type: "NotFound" });
  input.properties.name = "Tides of the coast";
  assert.equal(await host.assets.update(input), undefined);
  const edc = "https://w3id.org/edc/v0.0.1/ns/";
  const filterExpression = [{ operandLeft: `${edc}name`, operator: "like", operandRight: "%coast" }];
  const queried = await host.assets.queryAll({ filterExpression });
  assert.deepEqual(queried.map((a) => a.id), ["tides"]);
  step("assets");
}

async function policies() {
  const policy = new PolicyBuilder().type("Set").raw({ permission: [{ action: "use" }] }).build();
  assert.equal((await host.policyDefinitions.create({ "@id": "open", policy })).id, "open");
  const found = await host.policyDefinitions.get("open");
  assert.equal(found.policy.permissions.length, 1);
  assert.equal(found.policy.prohibitions.length, 0);
  await host.policyDefinitions.update("open", { "@id": "open", policy });
  assert.equal((await host.policyDefinitions.queryAll()).length, 1);
  await assert.rejects(host.policyDefinitions.create({ "@id": "none" }), { type: "BadRequest" });
  step("policies");
}

async function contractDefinitions() {
  const edc = "https://w3id.org/edc/v0.0.1/ns/";
  const input = {
    "@id": "offer",
    accessPolicyId: "open",
    contractPolicyId: "open",
    assetsSelector: [{ operandLeft: `${edc}id`, operator: "=", operandRight: "tides" }],
  };
  assert.equal((await host.contractDefinitions.create(input)).id, "offer");
  const found = await host.contractDefinitions.get("offer");
  assert.equal(found.accessPolicyId, "open");
  assert.equal(found.assetsSelector[0].operandRight, "tides");
  await host.contractDefinitions.update(input);
  assert.equal((await host.contractDefinitions.queryAll()).length, 1);
  await assert.rejects(host.policyDefinitions.delete("open"), { type: "Duplicate" });
  step("contract definitions");
}

async function catalogue() {
  const ask = { counterPartyAddress: provider.address, counterPartyId: provider.did, protocol };
  const found = await guest.catalog.request(ask);
  assert.deepEqual(found.datasets.map((d) => d.id), ["tides"]);
  const one = await guest.catalog.requestDataset({ ...ask, "@id": "tides" });
  assert.equal(one.id, "tides");
  assert.equal(one.offers.length, 1);
  assert.equal(one.offers[0].id, found.datasets[0].offers[0].id);
  const none = { ...ask, querySpec: { filterExpression: [{ operandLeft: "id", operator: "=", operandRight: "x" }] } };
  assert.deepEqual((await guest.catalog.request(none))["http://www.w3.org/ns/dcat#dataset"] ?? [], []);
  await assert.rejects(guest.catalog.requestDataset({ ...ask, "@id": "x" }), { type: "BadGateway" });
  step("catalogue");
  return one.offers[0].id;
}

async function negotiation(offer) {
  const policy = {
    "@context": "http://www.w3.org/ns/odrl.jsonld",
    "@type": "Offer",
    "@id": offer,
    assigner: provider.did,
    target: "tides",
    permission: [{ action: "use" }],
    prohibition: [],
    obligation: [],
  };
  const ask = { counterPartyAddress: provider.address, protocol, policy };
  const { id } = await guest.contractNegotiations.initiate(ask);
  await until(
    "negotiation",
    () => guest.contractNegotiations.getState(id),
    (found) => found.state === "FINALIZED",
  );
  const done = await guest.contractNegotiations.get(id);
  assert.equal(done.state, "FINALIZED");
  assert.ok((await guest.contractNegotiations.queryAll()).some((n) => n.id === id));
  await assert.rejects(guest.contractNegotiations.terminate(id, "too late"), { type: "Duplicate" });
  step("negotiation");
  const agreement = await guest.contractNegotiations.getAgreement(id);
  assert.equal(agreement.id, done.contractAgreementId);
  assert.equal(agreement.assetId, "tides");
  assert.equal(agreement.providerId, provider.did);
  assert.ok(Math.abs(agreement.contractSigningDate - Date.now() / 1000) < 60, "in seconds");
  assert.equal((await guest.contractAgreements.get(agreement.id)).policy.permissions.length, 1);
  assert.equal((await guest.contractAgreements.getNegotiation(agreement.id)).id, id);
  assert.equal((await guest.contractAgreements.queryAll()).length, 1);
  step("agreement");
  return agreement.id;
}

async function transfer(contractId) {
  const ask = { counterPartyAddress: provider.address, contractId, transferType: "HttpData-PULL", protocol };
  const { id } = await guest.transferProcesses.initiate({ ...ask, assetId: "tides" });
  await until(
    "transfer",
    () => guest.transferProcesses.getState(id),
    (found) => found.state === "STARTED",
  );
  const found = await guest.transferProcesses.get(id);
  assert.equal(found.contractId, contractId);
  assert.equal(found.assetId, "tides");
  assert.ok((await guest.transferProcesses.queryAll()).some((t) => t.id === id));
  step("transfer");
  const [edr] = await guest.edrs.request();
  assert.equal(edr.transferProcessId, id);
  assert.equal(edr.agreementId, contractId);
  const address = await guest.edrs.dataAddress(id);
  const property = (name) => address.optionalValue("edc", name);
  assert.ok(property("endpoint") && property("authorization"), JSON.stringify(address));
  step("edr");
  const headers = { authorization: property("authorization") };
  const answer = await fetch(property("endpoint"), { headers });
  assert.equal(answer.status, 200);
  assert.equal(await answer.text(), env("CONTENT"));
  assert.equal((await fetch(property("endpoint"))).status, 401);
  step("data");
  await guest.transferProcesses.terminate(id, "enough");
  await until(
    "termination",
    () => guest.transferProcesses.get(id),
    (now) => now.state === "TERMINATED",
  );
  await until(
    "the token's end",
    // An answer that the provider's end of the transfer meets half-way is cut off.
    () => fetch(property("endpoint"), { headers }).then((found) => found.status, (cut) => `${cut.cause}`),
    (status) => status === 401 || status === 403 || status === 404,
  );
  assert.equal(await guest.transferProcesses.deprovision(id), undefined);
  await guest.edrs.delete(id);
  await assert.rejects(guest.edrs.dataAddress(id), { type: "NotFound" });
  step("termination");
}

async function rest() {
  const { observability } = client(env("PROVIDER_MANAGEMENT"));
  for (const check of ["checkHealth", "checkLiveness", "checkReadiness", "checkStartup"]) {
    const health = await observability[check]();
    assert.equal(health.isSystemHealthy, true, check);
    assert.equal(health.componentResults.length, 1, check);
  }
  assert.equal((await host.dataplanes.list()).length, 1);
  await host.secrets.create({ "@id": "key", value: "s3cret" });
  await host.secrets.update({ "@id": "key", value: "other" });
  assert.equal((await host.secrets.get("key")).id, "key");
  await host.secrets.delete("key");
  await assert.rejects(host.secrets.get("key"), { type: "NotFound" });
  step("secrets and data planes");
  await assert.rejects(host.assets.delete("tides"), { type: "Duplicate" });
  await host.contractDefinitions.delete("offer");
  await host.policyDefinitions.delete("open");
  await assert.rejects(host.policyDefinitions.get("open"), { type: "NotFound" });
  step("deletion");
}

async function main() {
  await assets();
  await policies();
  await contractDefinitions();
  await transfer(await negotiation(await catalogue()));
  await rest();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
