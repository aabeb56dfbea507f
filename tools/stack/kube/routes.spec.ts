// Does every address of a Service lead to those of its pods that are ready, and to no others?
import { routesOf, type EndpointSlice, type Service } from './routes.ts';

const service = (spec: Service['spec'], name = 'gateway'): Service => ({ metadata: { name, namespace: 'ml' }, spec });
const slice = (name: string, endpoints: NonNullable<EndpointSlice['endpoints']> | null, namespace = 'ml'): EndpointSlice => ({
  metadata: { namespace, labels: { 'kubernetes.io/service-name': name } }, endpoints, ports: [{ name: 'http', port: 8000 }],
});
const ready = (address: string) => ({ addresses: [address], conditions: { ready: true } });
const http = { name: 'http', port: 80 };

describe('the routes of Services', () => {
  it('lead to pods that are ready, of all its slices, in a fixed order', () => {
    const slices = [slice('gateway', [ready('10.0.0.3'), { addresses: ['10.0.0.2'], conditions: { ready: false } }]), slice('gateway', [ready('10.0.0.1')])];
    expect(routesOf([service({ clusterIP: '10.96.0.5', ports: [http] })], slices, '10.0.0.254')).toEqual([{ address: '10.96.0.5', port: 80, to: ['10.0.0.1:8000', '10.0.0.3:8000'] }]);
  });

  it('begin at a port of the node, too, where there is one', () => {
    const [, second] = routesOf([service({ clusterIP: '10.96.0.5', ports: [{ ...http, nodePort: 31_800 }] })], [slice('gateway', [ready('10.0.0.1')])], '10.0.0.254');
    expect(second).toEqual({ address: '10.0.0.254', port: 31_800, to: ['10.0.0.1:8000'] });
  });

  it('leave out what has no address of its own, and what is not TCP', () =>
    expect(routesOf([service({ clusterIP: 'None', ports: [http] }), service({ clusterIP: '10.96.0.6', ports: [{ ...http, protocol: 'UDP' }] })], [slice('gateway', [ready('10.0.0.1')])], '10.0.0.254')).toEqual([]));

  it('lead nowhere without a pod, and never to those of another Service', () => {
    const slices = [slice('other', [ready('10.0.0.1')]), slice('gateway', [ready('10.0.0.2')], 'elsewhere'), slice('gateway', null)];
    expect(routesOf([service({ clusterIP: '10.96.0.5', ports: [http] })], slices, '10.0.0.254')).toEqual([{ address: '10.96.0.5', port: 80, to: [] }]);
  });
});
