// What does a file with everything in it look like, and what do people send who mean harm? For specs only.
import { Refusal } from '#decider';

export const valid = `
version: 1
kind: experiment
name: mnist-1
description: |
  Trains on MNIST.
logging: {level: INFO}
tags: [mnist, 2019]
framework: pytorch
backend: native
inputs:
  - {name: lr, type: float, default: 0.05}
  - {name: epochs, type: int, is_optional: true}
outputs:
  - {name: accuracy, type: metric}
params: &params
  lr: 0.1
  layers: [64, 32]
  optimizer: {name: adam, beta: 0.9}
environment:
  grace_period_seconds: 10
  max_restarts: 2
  labels: {team: vision, cost: 12}
  node_selector: {polyaxon: experiments}
  tolerations: [{key: gpu, operator: Exists}]
  resources:
    cpu: {requests: 500m, limits: 2}
    memory: {requests: 256Mi, limits: 1Gi}
    gpu: {limits: 1}
  outputs: {experiments: [12, "mona/mnist/3"]}
build:
  image: tensorflow/tensorflow:1.4.1-py3
  build_steps: [pip install polyaxon-client]
  env_vars: [[LC_ALL, C.UTF-8], [THREADS, 4]]
run:
  cmd:
    - python prepare.py
    - python train.py --lr={{ lr }} --layers="{{ layers | join(' ') }}"
`;

const billionLaughs = ['a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]', ...'bcdefghi'.split('').map((letter) => {
  const before = String.fromCharCode(letter.charCodeAt(0) - 1);
  return `${letter}: &${letter} [${Array.from({ length: 9 }, () => `*${before}`).join(', ')}]`;
})].join('\n');
const start = 'version: 1\nkind: experiment\nrun: {cmd: x}\n';
const chainOfTexts = `x: &x ${'x'.repeat(100_000)}\ny: &y [${'*x,'.repeat(40)}]\nz: [${'*y,'.repeat(40)}]`;

export const bombs: [name: string, text: string][] = [
  ['a billion laughs', billionLaughs],
  ['a long text many times', chainOfTexts],
  ['merge keys', `${start}params:\n  base: &base {a: 1}\n  more:\n    <<: *base\n`],
  ['a thousand aliases', `${start}params:\n  a: &a 1\n${Array.from({ length: 1000 }, (_, index) => `  p${index}: *a\n`).join('')}`],
  ['an anchor that holds itself', `${start}params: &a {a: *a}`],
  ['a byte too many', `${start}description: ${'x'.repeat(256 * 1024)}`],
  ['a byte too many, not a character', `${start}description: ${'é'.repeat(128 * 1024)}`],
  ['open brackets', '['.repeat(200_000)],
  ['open braces', '{'.repeat(200_000)],
  ['open pairs', '[{a: '.repeat(40_000)],
  ['nested Python', `{'params': ${'{1: '.repeat(50_000)}`],
  ['dashes in a line', '- '.repeat(100_000)],
  ['question marks in a line', '? '.repeat(100_000)],
  ['colons in a line', ': '.repeat(100_000)],
  ['indented deeper and deeper', Array.from({ length: 600 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join('')],
  ['a hundred thousand keys', Array.from({ length: 30_000 }, (_, index) => `k${index}:\n`).join('')],
  ['a hundred thousand items', `${start}params: {a: [${'1,'.repeat(100_000)}]}`],
  ['blank lines', '\n'.repeat(200_000)],
  ['spaces', `a${' '.repeat(200_000)}b c: d: e`],
  ['comments', '#\n'.repeat(100_000)],
  ['anchors', '&a '.repeat(80_000)],
  ['tags', '!a '.repeat(80_000)],
  ['quotes', "'".repeat(200_000)],
  ['backslashes', `"${'\\'.repeat(200_001)}`],
  ['quotes in a Python dict', `{${"'\\'".repeat(60_000)}`],
  ['documents', '---\n'.repeat(60_000)],
  ['directives', '%a\n'.repeat(60_000)],
  ['a huge number', `version: ${'9'.repeat(250_000)}`],
];

export function refusalOf(act: () => unknown): Refusal {
  try {
    act();
  } catch (error) {
    if (error instanceof Refusal) return error as Refusal;
    throw error;
  }
  throw new Error('expected a refusal, but it was accepted');
}
