// Are quantities read as Kubernetes reads them?
import { cpuCores, devices, memoryBytes, resourcesOf } from './index.ts';

describe('a quantity', () => {
  it.each([
    [0.5, 0.5], [2, 2], ['500m', 0.5], ['2', 2], ['0.25', 0.25],
    ['2Gi', undefined], ['-1', undefined], ['', undefined], [null, undefined], [true, undefined], [[], undefined],
  ])('of cpu: %j is %j cores', (quantity, cores) => expect(cpuCores(quantity)).toBe(cores));
  it.each([
    [1024, 1024], ['512Mi', 512 * 2 ** 20], ['1g', 1e9], ['1G', 1e9], ['1.5Gi', 1.5 * 2 ** 30], ['2k', 2000], ['1e3', 1000],
    ['1Ei', 2 ** 60], ['128M', 128e6], ['1000m', 1],
    ['1GB', undefined], ['12 Mi', undefined], ['lots', undefined], ['1e999', undefined],
  ])('of memory: %j is %j bytes', (quantity, bytes) => expect(memoryBytes(quantity)).toBe(bytes));
  it.each([[1, 1], ['2', 2], [0.5, undefined], ['500m', undefined]])('of devices: %j is %j', (quantity, count) => expect(devices(quantity)).toBe(count));

  it('is shown in numbers, and null where nobody asked', () => {
    const environment = { resources: { cpu: { requests: '500m', limits: 2 }, memory: { limits: '1Gi' } } };
    expect(resourcesOf(environment)).toEqual({ cpu: { requests: 0.5, limits: 2 }, memory: { requests: null, limits: 2 ** 30 }, gpu: null, tpu: null });
    expect(resourcesOf({})).toBeNull();
  });
});
