// Does the Gaussian process say what can be worked out by hand?
import fc from 'fast-check';
import { probabilityBelow, worth } from './acquisition.ts';
import { fitted, posterior, type Kernel } from './gaussian-process.ts';
import { randomFrom } from './random.ts';

const kernel = (more: Partial<Kernel> = {}): Kernel => ({ family: 'rbf', nu: 2.5, lengthScales: [1], variance: 1, noise: 1e-12, ...more });

describe('the posterior', () => {
  it('between two points is what two equations give', () => {
    const [near, apart] = [Math.exp(-1 / 8), Math.exp(-1 / 2)]; // correlations over 0.5 and over 1
    const { mean, deviation } = posterior([[0], [1]], [0, 1], kernel())([0.5]);
    expect(mean).toBeCloseTo((near * (1 - apart)) / (1 - apart ** 2), 6);
    expect(deviation ** 2).toBeCloseTo(1 - (2 * near ** 2 * (1 - apart)) / (1 - apart ** 2), 6);
  });
  it.each<[string, Partial<Kernel>, number]>([
    ['RBF', {}, Math.exp(-2)],
    ['Matern 1/2', { family: 'matern', nu: 0.5 }, Math.exp(-2)],
    ['Matern 3/2', { family: 'matern', nu: 1.5 }, (1 + 2 * Math.sqrt(3)) * Math.exp(-2 * Math.sqrt(3))],
    ['Matern 5/2', { family: 'matern', nu: 2.5 }, (1 + 2 * Math.sqrt(5) + 20 / 3) * Math.exp(-2 * Math.sqrt(5))],
  ])('of %s two length scales away from a single point', (_, more, correlation) => {
    const { mean, deviation } = posterior([[0]], [3], kernel({ ...more, lengthScales: [0.5], variance: 4 }))([1]);
    expect(mean).toBeCloseTo(3 * correlation, 6);
    expect(deviation).toBeCloseTo(2 * Math.sqrt(1 - correlation ** 2), 6);
  });
  it('with as much noise as variance believes half of what it saw', () => {
    const { mean, deviation } = posterior([[0]], [3], kernel({ noise: 1 }))([0]);
    expect([mean, deviation ** 2]).toEqual([expect.closeTo(1.5, 9), expect.closeTo(0.5, 9)]);
  });
  it('is what was seen where it was seen, and knows nothing far away', () => {
    const distinct = fc.uniqueArray(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 8 });
    fc.assert(fc.property(distinct, fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 8, maxLength: 8 }), (places, values) => {
      const expected = posterior(places.map((place) => [place]), values.slice(0, places.length), kernel({ family: 'matern', noise: 1e-10 }));
      places.forEach((place, index) => expect(expected([place]).mean).toBeCloseTo(values[index] as number, 4));
      expect(expected([1000])).toEqual({ mean: expect.closeTo(0, 6), deviation: expect.closeTo(1, 6) });
    }), { numRuns: 50 });
  });
  it('bears points that are the same, seen twice', () => expect(posterior([[0], [0]], [1, 3], kernel({ noise: 0.01 }))([0]).mean).toBeCloseTo(2, 1));
});

it('a fitted kernel sees which coordinate matters', () => {
  const points = Array.from({ length: 40 }, (_, index) => [(index * 0.618) % 1, (index * 0.755) % 1]);
  const fit = { family: 'matern', nu: 2.5, lengthScale: 0.5, restarts: 1, axes: [0, 1] } as const;
  const { lengthScales: [busy = 0, idle = 0], noise } = fitted(points, points.map(([x = 0]) => Math.sin(6 * x)), fit, randomFrom(1, 0));
  expect(idle).toBeGreaterThan(2 * busy);
  expect(noise).toBeLessThan(0.01);
});

describe('what a point is worth', () => {
  it.each([[0, 0.5], [1, 0.841344746068543], [-1, 0.158655253931457], [-2.9, 0.001865813300384], [-3.1, 0.000967603213218], [-8, 6.22096057427178e-16], [5, 0.999999713348428]])(
    'rests on the normal distribution: below %d lies %d', (z, expected) => expect(probabilityBelow(z) / expected).toBeCloseTo(1, 9),
  );
  it('by UCB, POI and EI', () => {
    const [seen, best] = [{ mean: 2, deviation: 0.5 }, 1.5];
    expect(worth({ acquisition_function: 'ucb', kappa: 2 }, seen, best)).toBe(3);
    expect(worth({ acquisition_function: 'poi' }, seen, best)).toBeCloseTo(0.841344746, 8);
    expect(worth({ acquisition_function: 'ei' }, seen, best)).toBeCloseTo(0.5 * 0.841344746 + 0.5 * 0.241970725, 8);
    expect(worth({ acquisition_function: 'poi', eps: 0.5 }, seen, best)).toBeCloseTo(0.5, 8);
  });
  it('by EI is never less than nothing, and more the less is known', () => {
    const means = fc.double({ min: -10, max: 10, noNaN: true });
    fc.assert(fc.property(means, fc.double({ min: 0.01, max: 5, noNaN: true }), means, (mean, deviation, best) => {
      const ei = (spread: number) => worth({ acquisition_function: 'ei' }, { mean, deviation: spread }, best);
      expect(ei(deviation)).toBeGreaterThanOrEqual(-1e-12);
      expect(ei(deviation * 2)).toBeGreaterThanOrEqual(ei(deviation) - 1e-12);
    }));
  });
});
