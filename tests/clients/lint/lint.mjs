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
  const file = join(folder, "compose.yaml");
  const [compose] = documents(file);
  // $schema names the draft by an address that the validator knows under http.
  const { $schema, ...schema } = JSON.parse(text(join(import.meta.dirname, "node_modules", "dclint", "schemas", "compose.schema.json")));
  const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
  if (!validate(compose)) {
    for (const error of validate.errors) find(`compose.yaml${error.instancePath}`, `${error.message} ${JSON.stringify(error.params)}`);
  }
  const named = (service, kind) => (service[kind] ?? []).map((one) => one.source ?? one);
  for (const [name, service] of Object.entries(compose.services)) {
    for (const kind of ["secrets", "configs"]) {
      for (const one of named(service, kind)) if (!compose[kind]?.[one]) find(`compose.yaml ${name}`, `${kind} has no ${one}`);
    }
    for (const volume of service.volumes ?? []) {
      const source = volume.split(":")[0];
      if (!source.startsWith(".") && !(source in compose.volumes)) find(`compose.yaml ${name}`, `no volume ${source}`);
    }
    if (service.build) statSync(resolve(folder, service.build.context, service.build.dockerfile));
  }
  for (const one of Object.values(compose.configs)) statSync(resolve(folder, one.file));
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
  const rules = documents(join(folder, "prometheus", "rules.yml"))[0].groups.flatMap((group) => group.rules);
  const boards = files(join(folder, "grafana", "dashboards")).map((file) => JSON.parse(text(file)));
  const queries = [
    ...rules.map((rule) => [`rules.yml ${rule.alert}`, rule.expr]),
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
