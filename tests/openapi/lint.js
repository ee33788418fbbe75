// SPDX-License-Identifier: Apache-2.0
// lint.js FILE: holds an OpenAPI description against Redocly's recommended rules, and the alternatives of every oneOf
// against each other: a value that fits two of them fits none.
'use strict';
const fs = require('fs');
const { createConfig, formatProblems, getTotals, lint } = require('@redocly/openapi-core');
const yaml = require('js-yaml');

// matters of taste
const rules = { 'operation-4xx-response': 'off', 'info-license-url': 'off' };

function* alternatives(node, path) {
  if (node === null || typeof node !== 'object') return;
  if (Array.isArray(node.oneOf)) yield [path, node.oneOf];
  for (const [key, value] of Object.entries(node)) yield* alternatives(value, `${path}/${key}`);
}

const valuesOf = (schema) => schema?.enum ?? (schema && 'const' in schema ? [schema.const] : null);

// One of them wants a property that the other forbids, or both name its values and share none.
function areApart(a, b) {
  const forbids = (x, y) => (x.required ?? []).some((name) => y.properties?.[name] === false);
  const differ = Object.keys(a.properties ?? {}).some((name) => {
    const [ours, theirs] = [valuesOf(a.properties[name]), valuesOf(b.properties?.[name])];
    return ours && theirs && !ours.some((value) => theirs.includes(value));
  });
  return differ || forbids(a, b) || forbids(b, a);
}

function overlaps(file) {
  const found = [];
  for (const [path, branches] of alternatives(yaml.load(fs.readFileSync(file, 'utf8')), '#')) {
    branches.forEach((one, i) => {
      const other = branches.findIndex((each, j) => j > i && !areApart(one, each));
      if (other > 0) found.push(`${path}/oneOf: a value may fit alternative ${i} and ${other}`);
    });
  }
  return found;
}

async function main(file) {
  const config = await createConfig({ extends: ['recommended'], rules });
  const problems = await lint({ ref: file, config });
  const totals = getTotals(problems);
  formatProblems(problems, { totals, version: 'openapi-core', format: 'codeframe' });
  const overlapping = overlaps(file);
  overlapping.forEach((line) => console.error(line));
  process.exitCode = totals.errors + totals.warnings + overlapping.length === 0 ? 0 : 1;
}

main(process.argv[2]);
