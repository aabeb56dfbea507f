// Which address and port of a Service leads to which pods?

export interface Service {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    readonly clusterIP?: string;
    readonly ports?: readonly { readonly name?: string; readonly protocol?: string; readonly port: number; readonly nodePort?: number }[];
  };
}

export interface EndpointSlice {
  readonly metadata: { readonly namespace: string; readonly labels?: Readonly<Record<string, string>> };
  readonly endpoints?: readonly { readonly addresses: readonly string[]; readonly conditions?: { readonly ready?: boolean } }[] | null;
  readonly ports?: readonly { readonly name?: string; readonly port: number }[] | null;
}

export interface Route {
  readonly address: string;
  readonly port: number;
  /** `address:port` of each that is ready. */
  readonly to: readonly string[];
}

/** A node port is one of `nodeAddress`. Headless Services have no address of their own: names lead to their pods. */
export function routesOf(services: readonly Service[], slices: readonly EndpointSlice[], nodeAddress: string): Route[] {
  return services.flatMap(({ metadata, spec }) => {
    const { clusterIP } = spec;
    if (!clusterIP || clusterIP === 'None') return [];
    const own = slices.filter((one) => one.metadata.namespace === metadata.namespace && one.metadata.labels?.['kubernetes.io/service-name'] === metadata.name);
    return (spec.ports ?? []).filter(({ protocol = 'TCP' }) => protocol === 'TCP').flatMap(({ name = '', port, nodePort }) => {
      const to = own.flatMap(({ endpoints, ports }) => {
        const target = ports?.find((one) => (one.name ?? '') === name)?.port;
        if (target === undefined) return [];
        return (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false).flatMap(({ addresses }) => addresses.map((address) => `${address}:${target}`));
      }).sort();
      return [{ address: clusterIP, port, to }, ...(nodePort ? [{ address: nodeAddress, port: nodePort, to }] : [])];
    });
  });
}
