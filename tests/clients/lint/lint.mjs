// Reads the files under deploy/ as the programs they are for would, as far as that can be done without those programs:
// schemas of Kubernetes and Compose, the grammars of Dockerfiles and PromQL. Prints every finding with its place.
//   node lint.mjs WHAT FOLDER [METRICS]     WHAT: yaml, compose, kubernetes, dockerfiles, queries
import { readFileSync, readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative, resolve } from "node:path";
import { parser as promql } from "@prometheus-io/lezer-promql";
import * as kubernetes from "@kubernetes/client-node";
import { Ajv } from "ajv";
import yaml from "yaml";

const require = createRequire(import.meta.url);
const [what, folder, metrics] = process.argv.slice(2);
const findings = [];
const find = (place, text) => findings.push(`${place}: ${text}`);

const files = (path) => readdirSync(path).flatMap((name) => {
  const full = join(path, name);
  if (name === "secrets" && statSync(full).isDirectory()) return [];
  return statSync(full).isDirectory() ? files(full) : [full];
});
const place = (file) => relative(folder, file);
const text = (file) => readFileSync(file, "utf8");
const documents = (file) => yaml.parseAllDocuments(text(file), { merge: true, strict: true, uniqueKeys: true })
  .map((document) => {
    for (const fault of document.errors) find(place(file), fault.message);
    return document.toJS();
  });

function checkYaml() {
  for (const file of files(folder)) {
    if (/\.ya?ml$/.test(file)) documents(file);
    if (/\.json$/.test(file)) JSON.parse(text(file));
  }
}

function checkCompose() {
  // $schema names the draft by an address that the validator knows under http.
  const { $schema, ...schema } = JSON.parse(text(join(import.meta.dirname, "node_modules", "dclint", "schemas", "compose.schema.json")));
  const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
  const read = (name) => {
    const [compose] = documents(join(folder, name));
    if (!validate(compose)) {
      for (const error of validate.errors) find(`${name}${error.instancePath}`, `${error.message} ${JSON.stringify(error.params)}`);
    }
    return compose;
  };
  const names = readdirSync(folder).filter((name) => /^compose.*\.yaml$/.test(name));
  // What is only included stands by itself nowhere: it has no name.
  for (const name of names.filter((one) => read(one).name)) checkProject(name, read);
}

// A project with what it includes, as Compose puts them together.
function checkProject(name, read) {
  const compose = read(name);
  for (const included of compose.include ?? []) {
    for (const [kind, more] of Object.entries(read(included))) {
      for (const one of Object.keys(more)) if (compose[kind]?.[one]) find(name, `${kind} ${one} is in ${included} too`);
      compose[kind] = { ...compose[kind], ...more };
    }
  }
  const addresses = new Set();
  const named = (service, kind) => (service[kind] ?? []).map((one) => one.source ?? one);
  for (const [service, set] of Object.entries(compose.services)) {
    for (const kind of ["secrets", "configs"]) {
      for (const one of named(set, kind)) if (!compose[kind]?.[one]) find(`${name} ${service}`, `${kind} has no ${one}`);
    }
    for (const one of Object.keys(set.depends_on ?? {})) if (!compose.services[one]) find(`${name} ${service}`, `no service ${one}`);
    for (const volume of set.volumes ?? []) {
      const source = volume.split(":")[0];
      if (!source.startsWith(".") && !(source in compose.volumes)) find(`${name} ${service}`, `no volume ${source}`);
    }
    for (const [network, at] of Array.isArray(set.networks) ? set.networks.map((one) => [one]) : Object.entries(set.networks ?? {})) {
      if (!(network in compose.networks)) find(`${name} ${service}`, `no network ${network}`);
      else if (at?.ipv4_address) checkAddress(`${name} ${service}`, at.ipv4_address, set, compose.networks[network], addresses);
    }
    if (set.build) statSync(resolve(folder, set.build.context, set.build.dockerfile));
  }
  for (const one of Object.values(compose.configs)) statSync(resolve(folder, one.file));
}

// In its network, nobody else's, and the one that the program tells the others.
function checkAddress(place, address, service, network, taken) {
  const [subnet] = network?.ipam?.config ?? [];
  if (!subnet?.subnet.endsWith("/24") || !address.startsWith(subnet.subnet.replace(/\d+\/24$/, ""))) find(place, `${address} is in no subnet of /24`);
  if (taken.has(address)) find(place, `${address} is another service's`);
  taken.add(address);
  const told = service.command?.[service.command.indexOf("--cluster-address") + 1];
  if (told !== address) find(place, `tells ${told} and has ${address}`);
}

const groups = { "apps/v1": "apps/v1", v1: "v1", "policy/v1": "policy/v1", "networking.k8s.io/v1": "networking.k8s.io/v1" };

// The client's own table of fields: what Kubernetes would drop without a word is a finding.
function unknownFields(value, type, path) {
  const list = /^Array<(.*)>$/.exec(type);
  if (list) return (value ?? []).forEach((one, i) => unknownFields(one, list[1], `${path}[${i}]`));
  const model = kubernetes[type];
  if (!model?.getAttributeTypeMap || value === null || typeof value !== "object") return;
  const fields = new Map(model.getAttributeTypeMap().map((field) => [field.baseName, field.type]));
  for (const [name, inner] of Object.entries(value)) {
    if (!fields.has(name)) find(path, `${type} has no field ${name}`);
    else unknownFields(inner, fields.get(name), `${path}.${name}`);
  }
}

async function checkKubernetes() {
  const base = join(folder, "kubernetes");
  for (const kustomization of files(base).filter((file) => file.endsWith("kustomization.yaml"))) {
    const here = join(kustomization, "..");
    for (const resource of documents(kustomization)[0].resources) statSync(join(here, resource));
  }
  for (const set of ["servers", "silos"]) checkReferences(set, objects(join(base, set, "kustomization.yaml")));
  for (const file of files(base).filter((one) => one.endsWith(".yaml") && !one.endsWith("kustomization.yaml"))) {
    for (const document of documents(file)) {
      const name = `${place(file)} ${document.kind}`;
      if (!(document.apiVersion in groups)) {
        find(name, `${document.apiVersion} is not checked by this program`);
        continue;
      }
      const models = await import(`kubernetes-models/${groups[document.apiVersion]}`);
      try {
        new models[document.kind](document).validate();
      } catch (fault) {
        find(name, fault.message);
      }
      unknownFields(document, `V1${document.kind}`, name);
    }
  }
}

// What a kustomization applies, with what it stands on.
function objects(kustomization) {
  const here = join(kustomization, "..");
  return documents(kustomization)[0].resources.flatMap((one) => {
    const path = join(here, one);
    return statSync(path).isDirectory() ? objects(join(path, "kustomization.yaml")) : documents(path);
  });
}

// Selectors meet pods, ports of probes, services and policies are ports of them, and every mount is a volume: what
// Kubernetes takes without a word and then leaves without effect.
function checkReferences(set, all) {
  const workloads = all.filter((one) => one.spec?.template);
  const meets = (labels) => workloads.filter((one) => Object.entries(labels).every(([name, value]) => one.spec.template.metadata.labels[name] === value));
  for (const one of workloads) {
    const place = `${set} ${one.kind} ${one.metadata.name}`;
    const { containers: [container], volumes = [], serviceAccountName } = one.spec.template.spec;
    if (!meets(one.spec.selector.matchLabels).includes(one)) find(place, "does not select its own pods");
    if (meets(one.spec.selector.matchLabels).length > 1) find(place, "selects other pods too");
    const known = new Set([...volumes, ...(one.spec.volumeClaimTemplates ?? []).map((claim) => claim.metadata)].map((volume) => volume.name));
    for (const mount of container.volumeMounts) if (!known.has(mount.name)) find(place, `no volume ${mount.name}`);
    const mounted = container.volumeMounts.map((mount) => mount.mountPath);
    for (const [, path] of container.args.map((word) => /=(\/.*)$/.exec(word)).filter(Boolean)) {
      if (!mounted.some((mount) => path === mount || path.startsWith(`${mount}/`))) find(place, `nothing is mounted for ${path}`);
    }
    const ports = container.ports.map((port) => port.name);
    for (const probe of ["readinessProbe", "startupProbe", "livenessProbe"]) {
      const port = (container[probe]?.httpGet ?? container[probe]?.tcpSocket)?.port;
      if (!ports.includes(port)) find(place, `${probe} asks a port ${port}`);
    }
    if (!all.some((other) => other.kind === "ServiceAccount" && other.metadata.name === serviceAccountName)) find(place, `no account ${serviceAccountName}`);
    if (one.kind === "StatefulSet" && !all.some((other) => other.kind === "Service" && other.metadata.name === one.spec.serviceName)) {
      find(place, `no service ${one.spec.serviceName}`);
    }
  }
  for (const one of all.filter((other) => ["Service", "PodDisruptionBudget", "NetworkPolicy"].includes(other.kind))) {
    const place = `${set} ${one.kind} ${one.metadata.name}`;
    const met = meets(one.kind === "Service" ? one.spec.selector : (one.spec.selector ?? one.spec.podSelector).matchLabels);
    if (met.length === 0) find(place, "selects nobody");
    const ports = met.map((pod) => pod.spec.template.spec.containers[0].ports);
    if (one.kind === "Service") {
      for (const port of one.spec.ports) if (!ports.every((has) => has.some((its) => its.name === port.targetPort))) find(place, `nobody has a port ${port.targetPort}`);
    }
    for (const rule of one.spec.ingress ?? []) {
      for (const port of rule.ports) if (!ports.every((has) => has.some((its) => its.containerPort === port.port))) find(place, `lets in to a port ${port.port} that nobody has`);
    }
    for (const rule of [...(one.spec.ingress ?? []).map((in_) => in_.from), ...(one.spec.egress ?? []).map((out) => out.to)].flat()) {
      if (rule.podSelector && meets(rule.podSelector.matchLabels).length === 0) find(place, "names pods that nobody has");
    }
  }
}

function checkDockerfiles() {
  const { validate } = require("dockerfile-utils");
  for (const file of files(join(folder, "docker")).filter((one) => one.endsWith("Dockerfile"))) {
    for (const fault of validate(text(file))) {
      // The flag came with Dockerfile syntax 1.20, which the first line asks for.
      if (fault.message.includes("parents")) continue;
      find(`${place(file)}:${fault.range.start.line + 1}`, fault.message);
    }
    if (!/^USER (?!0|root)/m.test(text(file))) find(place(file), "runs as root");
    if (!/^HEALTHCHECK /m.test(text(file))) find(place(file), "has no health check");
  }
}

// Every expression parses, and every metric in it is one that a server shows.
function checkQueries() {
  const shown = new Set(text(metrics).split("\n").filter((line) => line && !line.startsWith("#")).map((line) => /^[a-z_:0-9]+/i.exec(line)[0]));
  // Prometheus' own.
  shown.add("up");
  const rules = readdirSync(join(folder, "prometheus")).filter((name) => name.startsWith("rules"))
    .flatMap((name) => documents(join(folder, "prometheus", name))[0].groups).flatMap((group) => group.rules);
  const boards = files(join(folder, "grafana", "dashboards")).map((file) => JSON.parse(text(file)));
  const queries = [
    ...rules.map((rule) => [rule.alert, rule.expr]),
    ...boards.flatMap((board) => board.panels.flatMap((panel) => panel.targets.map((target) => [`${board.uid} ${panel.title}`, target.expr]))),
  ];
  for (const [name, expression] of queries) {
    promql.parse(expression).iterate({
      enter(node) {
        if (node.type.isError) find(name, `does not parse at ${node.from}: ${expression}`);
        if (node.name === "Identifier" && node.node.parent?.name === "VectorSelector") {
          const metric = expression.slice(node.from, node.to);
          if (!shown.has(metric)) find(name, `no server shows ${metric}`);
        }
      },
    });
  }
  // A counter that is first shown when it first counts begins at 1, where increase() sees no step: an alarm at the first
  // occurrence asks besides for what was not shown a window ago.
  for (const { alert, expr } of rules) {
    for (const [, counter, window] of expr.matchAll(/increase\(([^()[\]]+)\[(\w+)\]\)+ > 0/g)) {
      if (!expr.includes(`${counter} unless ${counter} offset ${window}`)) find(alert, `the first of ${counter} raises nothing`);
    }
  }
  for (const rule of rules) {
    if (!rule.labels?.severity || !rule.annotations?.summary || !rule.annotations?.description) find(rule.alert, "is not explained");
  }
  if (queries.length < 20) find("queries", `only ${queries.length} were found`);
}

const checks = {
  yaml: checkYaml, compose: checkCompose, kubernetes: checkKubernetes, dockerfiles: checkDockerfiles, queries: checkQueries,
};
await checks[what]();
for (const finding of findings) console.log(finding);
console.log(findings.length === 0 ? "ok" : `${findings.length} findings`);
