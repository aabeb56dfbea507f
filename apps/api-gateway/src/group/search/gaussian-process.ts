// What does a Gaussian process expect at a point, and how sure is it, given what was seen elsewhere?
import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import type { Random } from './random.ts';

export type Point = readonly number[];

/** Rasmussen & Williams, Gaussian Processes for Machine Learning, 2006: chapters 2 and 4. */
export interface Kernel {
  readonly family: 'rbf' | 'matern';
  /** Of matern only: how often its functions can be differentiated is told by 0.5, 1.5 or 2.5. */
  readonly nu: 0.5 | 1.5 | 2.5;
  /** One for each coordinate of a point. */
  readonly lengthScales: readonly number[];
  readonly variance: number;
  /** Of what is measured, as a share of the variance. Never 0: points that are the same could not be solved for. */
  readonly noise: number;
}

export interface Expectation {
  readonly mean: number;
  readonly deviation: number;
}

/** The mean before anything is seen is 0. */
export function posterior(points: readonly Point[], values: readonly number[], kernel: Kernel): (point: Point) => Expectation {
  const factor = factorOf(points, kernel);
  if (!factor) throw new Error('the kernel is not positive definite: its noise is too small');
  const whitened = forward(factor, values);
  return (point) => {
    const seen = forward(factor, points.map((other) => correlation(kernel, point, other)));
    const [mean, explained] = [dot(seen, whitened), dot(seen, seen)];
    return { mean, deviation: Math.sqrt(kernel.variance * Math.max(1 - explained, 1e-12)) };
  };
}

export interface Fit {
  readonly family: Kernel['family'];
  readonly nu: Kernel['nu'];
  /** Where looking for the length scales begins. */
  readonly lengthScale: number;
  readonly restarts: number;
  /** Which coordinates share a length scale: those of one param. */
  readonly axes: readonly number[];
}

const bounds = { lengthScale: [0.02, 20], noise: [1e-8, 1] } as const;
const scansAt = [0.1, 0.2, 0.5, 1, 2];
const stepsBy = [3, 1.7, 1.3, 1.1];
/** Few points allow any length scale; without more to go by, half of the range is a good guess, give or take a factor of e. */
const guess = { lengthScale: 0.5, noise: 1e-4 };
const noiseIsVague = 4;

/** The kernel that makes the values most likely: the length scales and the noise by coordinate search, the variance in closed form. */
export function fitted(points: readonly Point[], values: readonly number[], fit: Fit, random: Random): Kernel {
  const axes = Math.max(...fit.axes) + 1;
  const kernelAt = (logs: readonly number[], variance = 1): Kernel => ({
    family: fit.family, nu: fit.nu, variance,
    lengthScales: fit.axes.map((axis) => Math.exp(logs[axis] as number)),
    noise: Math.exp(logs[axes] as number),
  });
  const loss = (logs: readonly number[]) => {
    const prior = logs.reduce((sum, log, axis) => sum + (axis < axes ? (log - Math.log(guess.lengthScale)) ** 2 : ((log - Math.log(guess.noise)) / noiseIsVague) ** 2) / 2, 0);
    return (likelihood(points, values, kernelAt(logs))?.loss ?? Infinity) + prior;
  };
  const evenly = (lengthScale: number) => [...Array.from({ length: axes }, () => Math.log(lengthScale)), Math.log(guess.noise)];
  const anywhere = () => [...Array.from({ length: axes }, () => Math.log(0.05) + random.fraction() * Math.log(60)), Math.log(guess.noise)];
  const starts = [least([fit.lengthScale, ...scansAt].map(evenly), loss), ...Array.from({ length: fit.restarts }, anywhere)];
  const best = least(starts.map((start) => descended(start, loss)), loss);
  return kernelAt(best, likelihood(points, values, kernelAt(best))?.variance ?? 1);
}

function descended(start: readonly number[], loss: (logs: readonly number[]) => number): readonly number[] {
  let [best, lowest] = [start, loss(start)];
  for (const factor of stepsBy) {
    for (let axis = 0; axis < start.length; axis++) {
      for (const step of [Math.log(factor), -Math.log(factor)]) {
        const [low, high] = axis < start.length - 1 ? bounds.lengthScale : bounds.noise;
        const moved = best.map((log, other) => (other === axis ? Math.min(Math.max(log + step, Math.log(low)), Math.log(high)) : log));
        const found = loss(moved);
        if (found < lowest) [best, lowest] = [moved, found];
      }
    }
  }
  return best;
}

function least(all: readonly (readonly number[])[], loss: (logs: readonly number[]) => number): readonly number[] {
  return all.map((logs) => ({ logs, found: loss(logs) })).reduce((one, other) => (other.found < one.found ? other : one)).logs;
}

/** The negative logarithm, up to a constant, at the variance that is best for these length scales and this noise. */
function likelihood(points: readonly Point[], values: readonly number[], kernel: Kernel): { loss: number; variance: number } | null {
  const factor = factorOf(points, kernel);
  if (!factor) return null;
  const whitened = forward(factor, values);
  const variance = Math.max(dot(whitened, whitened) / values.length, 1e-12);
  const logDeterminant = factor.reduce((sum, row, index) => sum + Math.log(row[index] as number), 0);
  return { loss: (values.length / 2) * Math.log(variance) + logDeterminant, variance };
}

/** The lower triangle L of L Lᵀ = correlations + noise; null when rounding has spoilt it. */
function factorOf(points: readonly Point[], kernel: Kernel): Float64Array[] | null {
  const correlations = new Matrix(points.map((one) => points.map((other) => correlation(kernel, one, other) + (one === other ? kernel.noise : 0))));
  const decomposition = new CholeskyDecomposition(correlations);
  return decomposition.isPositiveDefinite() ? decomposition.lowerTriangularMatrix.to2DArray().map((row) => Float64Array.from(row)) : null;
}

function correlation({ family, nu, lengthScales }: Kernel, one: Point, other: Point): number {
  let squared = 0;
  for (let axis = 0; axis < one.length; axis++) squared += (((one[axis] as number) - (other[axis] as number)) / (lengthScales[axis] as number)) ** 2;
  if (family === 'rbf') return Math.exp(-squared / 2);
  const scaled = Math.sqrt(2 * nu * squared);
  const polynomial = nu === 0.5 ? 1 : nu === 1.5 ? 1 + scaled : 1 + scaled + (scaled * scaled) / 3;
  return polynomial * Math.exp(-scaled);
}

/** Solves L x = b. */
function forward(factor: readonly Float64Array[], values: readonly number[]): Float64Array {
  const solved = new Float64Array(values.length);
  for (let index = 0; index < values.length; index++) {
    const row = factor[index] as Float64Array;
    let left = values[index] as number;
    for (let other = 0; other < index; other++) left -= (row[other] as number) * (solved[other] as number);
    solved[index] = left / (row[index] as number);
  }
  return solved;
}

function dot(one: Float64Array, other: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < one.length; index++) sum += (one[index] as number) * (other[index] as number);
  return sum;
}
